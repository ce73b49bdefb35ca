#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <sstream>

#include "results/sink.hpp"
#include "results/table/model.hpp"
#include "results/table/text.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

struct point {
  std::string impl;
  int tasks = 1;
  double ns = 0;
  double spread = 0.02;
  double parallel = 1;
  vehicle runs_on = vehicle::fiber;
  int hold_ns = 0;
};

// Three repetitions around the time, to either side by the spread.
void measure(std::vector<sample>& to, const point& at) {
  for (int rep = 0; rep < 3; ++rep) {
    sample one{.suite = "suite",
               .case_name = "counter",
               .impl = at.impl,
               .runs_on = at.runs_on,
               .procs = 2,
               .tasks = at.tasks,
               .rep = rep,
               .iterations = 1000};
    one.time(at.ns * (1 + (rep - 1) * at.spread));
    one.parameters.set("hold_ns", at.hold_ns);
    if (at.tasks > 1) one.metrics.set(metric_parallel, at.parallel);
    to.push_back(one);
  }
}

std::vector<sample> measured(const std::vector<point>& points) {
  std::vector<sample> made;
  for (const point& at : points) measure(made, at);
  // The order in which samples arrive says nothing.
  std::shuffle(made.begin(), made.end(), std::mt19937_64(1));
  return made;
}

schema table_schema() {
  schema columns;
  columns.add_parameters({"hold_ns", "capacity", "mode"});
  columns.add_metrics({metric_parallel});
  return columns;
}

std::string table_of(const std::vector<sample>& samples, const sink_options& how = {},
                     const context& about = {}) {
  std::ostringstream out;
  const auto to = make_stream_sink("table", out, how);
  to->begin(about, table_schema());
  for (const sample& one : samples) to->add(one);
  EXPECT_EQ(out.str(), "") << "a table is written at the end";
  to->finish(about);
  return out.str();
}

std::vector<sample> usual_samples() {
  return measured({
      {"plain.loop", 1, 1.234},
      {"gobench.mutex", 1, 11.94},
      {"gobench.mutex", 8, 30.3},
      {"gobench.mutex", 64, 47.9},
      {"std.mutex", 1, 12.1},
      {"std.mutex", 8, 34, 0.5},
      {"std.mutex", 64, 45, 0.05, 0.1},
      {"gobench.chan", 1, 95},
      {"gobench.chan", 8, 1250},
      {"gobench.chan", 64, 12345.6},
      {"gobench.mutex", 1, 1011, 0.02, 1, vehicle::thread, 1000},
      {"gobench.mutex", 8, 2034, 0.02, 1, vehicle::thread, 1000},
      {"std.mutex", 1, 1400, 0.02, 1, vehicle::thread, 1000},
      {"std.mutex", 8, 2034.4, 0.001, 1, vehicle::thread, 1000},
  });
}

TEST(table, at_100_columns) {
  EXPECT_EQ(table_of(usual_samples(), {}, some_context()),
            R"(suite: median time per operation, procs 2, 3 samples each
Some CPU @ 3 GHz, 4 CPUs, 2 of them allowed, quota 1.5 CPUs, Linux 6.1.0, governor powersave,
  turbo on, load 0.25

counter on threads, hold_ns 1000 (us per operation)
  tasks             1           8
  gobench.mutex  1.01 ±2% *  2.03 ±2% *
  std.mutex      1.40 ±2%    2.03 ±0% *

counter on fibers, hold_ns 0 (ns per operation)
  tasks             1            8             64
  plain.loop     1.23 ±2%        -              -
  std.mutex      12.1 ±2% *   34.0 ±50% ~    45.0 ±5% s
  gobench.mutex  11.9 ±2% *   30.3 ±2%  *    47.9 ±2% *
  gobench.chan   95.0 ±2%    1,250 ±2%     12,346 ±2%

± from the median to the furthest sample
* fastest in its column, or too close to the fastest to tell them apart
~ too noisy to tell: more than ±25%
s serial: the tasks ran one after another on one CPU at a time, so they hardly contended
)");
}

// Code points, less what takes no or two columns; the names below have none of the latter.
std::size_t columns_of(const std::string& line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

schema with_metrics() {
  schema columns = table_schema();
  columns.add_metrics({"jain", "turns", "p99_us"});
  columns.add_shown({"jain", "turns", "p99_us", "nobody_has_it"});
  return columns;
}

std::string metrics_table_of(const std::vector<sample>& samples, unsigned width) {
  std::ostringstream out;
  const auto to = make_stream_sink("table", out, {.width = width});
  to->begin({}, with_metrics());
  for (const sample& one : samples) to->add(one);
  to->finish({});
  return out.str();
}

std::vector<sample> samples_with_metrics() {
  std::vector<sample> samples = measured({{"plain.loop", 2, 1.5},
                                          {"gobench.mutex", 2, 12},
                                          {"gobench.mutex", 8, 30},
                                          {"std.mutex", 8, 30, 0.5}});
  for (sample& one : samples) {
    if (one.impl == "plain.loop") continue;
    one.metrics.set("jain", 0.25 + 0.25 * one.rep);  // the median is 0.5
    one.metrics.set("turns", one.rep == 1 ? 0 : 4000);
    if (one.impl == "std.mutex") one.metrics.set("p99_us", 12345.6);
  }
  return samples;
}

TEST(table, metrics_stand_beside_the_times) {
  EXPECT_EQ(metrics_table_of(samples_with_metrics(), 100),
            R"(suite: median time per operation, procs 2, hold_ns 0, 3 samples each

counter on fibers
  tasks                   ns           jain  turns  p99_us
  2      plain.loop     1.50 ±2%          -      -       -
         gobench.mutex  12.0 ±2%      0.500  4,000       -
  8      gobench.mutex  30.0 ±2%      0.500  4,000       -
         std.mutex      30.0 ±50%  ~  0.500  4,000  12,346

± from the median to the furthest sample
~ too noisy to tell: more than ±25%
)");
}

TEST(table, metrics_that_do_not_fit_are_continued_below) {
  std::vector<sample> samples = samples_with_metrics();
  for (sample& one : samples) one.impl += "_of_a_long_name_that_takes_most_of_it";
  const std::string table = metrics_table_of(samples, 60);
  for (const std::string& line : lines_of(table)) EXPECT_LE(columns_of(line), 60U) << line;
  EXPECT_NE(table.find("12,346"), std::string::npos) << table;
  EXPECT_NE(table.find("\n\n  tasks"), std::string::npos) << table;
}

TEST(table, continues_below_what_does_not_fit) {
  EXPECT_EQ(table_of(measured({{"a.lock", 1, 1000},
                               {"a.lock", 2, 2000},
                               {"a.lock", 4, 3000},
                               {"a.lock", 8, 4000},
                               {"a.lock", 16, 5000},
                               {"a.lock", 32, 6000},
                               {"only.early", 1, 7000}}),
                     {.width = 60}),
            R"(suite: median time per operation, procs 2, hold_ns 0,
  3 samples each

counter on fibers (us per operation)
  tasks          1           2         4         8
  only.early  7.00 ±2%       -         -         -
  a.lock      1.00 ±2% *  2.00 ±2%  3.00 ±2%  4.00 ±2%

  tasks         16        32
  a.lock      5.00 ±2%  6.00 ±2%

± from the median to the furthest sample
* fastest in its column, or too close to the fastest to tell
  them apart
)");
}

TEST(table, colours_are_escapes_and_nothing_else) {
  const std::string plain = table_of(usual_samples());
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  const std::string coloured = table_of(usual_samples(), {.width = 100, .colour = true});
  EXPECT_NE(coloured.find("\x1b[1;32m"), std::string::npos) << "the best are green";
  std::string stripped;
  for (std::size_t at = 0; at < coloured.size(); ++at) {
    if (coloured[at] == '\x1b') {
      at = coloured.find('m', at);
    } else {
      stripped += coloured[at];
    }
  }
  EXPECT_EQ(stripped, plain);
}

TEST(table, how_large_a_large_spread_is_does_not_matter) {
  const std::string wild = table_of(measured({{"a.lock", 1, 10, 0.995}, {"b.lock", 1, 10, 0.99}}));
  EXPECT_NE(wild.find("  a.lock  10.0 ±>99% ~\n"), std::string::npos) << wild;
  EXPECT_NE(wild.find("  b.lock  10.0 ±99%  ~\n"), std::string::npos) << wild;
}

TEST(table, without_samples_says_so) { EXPECT_EQ(table_of({}), "There are no samples.\n"); }

TEST(table, a_single_sample_has_no_spread_and_no_legend) {
  std::vector<sample> one = measured({{"a.lock", 1, 10}});
  one.resize(1);
  one.front().time(10);
  EXPECT_EQ(table_of(one),
            "suite: median time per operation, procs 2, hold_ns 0, 1 sample each\n\n"
            "counter on fibers (ns per operation)\n"
            "  tasks      1\n"
            "  a.lock  10.0\n");
}

TEST(table, no_line_is_wider_than_asked_for) {
  std::vector<sample> samples = usual_samples();
  for (const int tasks : {1, 2, 3, 4, 5, 6, 7, 8, 16, 100000}) {
    measure(samples,
            {"an.implementation_with_a_really_long_name_that_fills_most_of_a_line_by_itself", tasks,
             1e9, 3});
    measure(samples, {"huge", tasks, 9e299, 0.9});
    measure(samples, {"ünïcödé.name with spaces in it and\nother\tthings \x1b[31m", tasks, 1});
  }
  for (sample& one : samples) {
    if (one.impl == "std.mutex") one.parameters.set("capacity", one.rep);
    if (one.runs_on == vehicle::fiber) one.parameters.set("mode", std::string(130, 'm'));
  }
  context about = some_context();
  about.cpu_model = std::string(200, 'c') + " with a long name";
  for (const unsigned width : {60U, 61U, 72U, 80U, 100U, 137U, 250U}) {
    const std::string table = table_of(samples, {.width = width}, about);
    for (const std::string& line : lines_of(table)) {
      EXPECT_LE(columns_of(line), width) << line;
      EXPECT_FALSE(line.ends_with(' ')) << "'" << line << "'";
    }
    EXPECT_EQ(table.find('\x1b'), std::string::npos) << "names do not steer the terminal";
    EXPECT_EQ(table.find('\t'), std::string::npos);
  }
  EXPECT_EQ(table_of(samples, {.width = 10}), table_of(samples, {.width = 60}));
}

std::vector<table::block> arranged(const std::vector<sample>& samples) {
  return table::arrange(samples, table_schema().parameters);
}

TEST(table_model, columns_are_the_dimension_with_several_values) {
  std::vector<sample> samples;
  for (const int capacity : {0, 100, 20}) {
    std::vector<sample> some = measured({{"a.chan", 4, 10}, {"b.chan", 4, 20}});
    for (sample& one : some) one.parameters.set("capacity", capacity);
    samples.insert(samples.end(), some.begin(), some.end());
  }
  const auto by_capacity = arranged(samples);
  ASSERT_EQ(by_capacity.size(), 1U);
  ASSERT_EQ(by_capacity[0].sections.size(), 1U);
  EXPECT_EQ(by_capacity[0].sections[0].dimension, "capacity");
  EXPECT_EQ(by_capacity[0].sections[0].columns, (std::vector<std::string>{"0", "20", "100"}));
  EXPECT_EQ(by_capacity[0].constants,
            (std::vector<std::string>{"procs 2", "tasks 4", "hold_ns 0"}));

  for (sample& one : samples) one.tasks = one.rep == 0 ? 2 : 16;
  const auto by_tasks = arranged(samples);
  EXPECT_EQ(by_tasks[0].sections.size(), 3U) << "one for each capacity";
  EXPECT_EQ(by_tasks[0].sections[1].title, "counter on fibers, capacity 20");
  EXPECT_EQ(by_tasks[0].sections[0].columns, (std::vector<std::string>{"2", "16"}));
  EXPECT_EQ(by_tasks[0].fewest, 1U);
  EXPECT_EQ(by_tasks[0].most, 2U);

  std::vector<sample> by_procs = measured({{"a.chan", 4, 10}, {"a.chan", 4, 20}});
  for (sample& one : by_procs) one.procs = one.ns_per_op < 15 ? 1 : 2;
  EXPECT_EQ(arranged(by_procs)[0].sections.at(0).dimension, "procs");
}

TEST(table_model, a_parameter_of_some_implementations_is_in_their_labels) {
  std::vector<sample> samples =
      measured({{"a.mutex", 1, 10}, {"b.chan", 1, 20}, {"b.chan", 1, 30}});
  for (sample& one : samples) {
    if (one.impl == "b.chan") one.parameters.set("capacity", one.ns_per_op < 25 ? 128 : 0);
  }
  const auto blocks = arranged(samples);
  ASSERT_EQ(blocks[0].sections.size(), 1U);
  std::vector<std::string> labels;
  for (const auto& row : blocks[0].sections[0].rows) labels.push_back(row.label);
  EXPECT_EQ(labels,
            (std::vector<std::string>{"a.mutex", "b.chan capacity=128", "b.chan capacity=0"}));
}

TEST(table_model, best_are_those_that_cannot_be_told_apart) {
  const auto best = [](const std::vector<point>& points) {
    std::vector<std::string> names;
    const std::vector<table::block> blocks = arranged(measured(points));
    for (const auto& row : blocks.at(0).sections.at(0).rows) {
      if (row.cells[0].best) names.push_back(row.label);
    }
    return names;
  };
  using names = std::vector<std::string>;
  EXPECT_EQ(best({{"a", 2, 10}, {"b", 2, 20}}), names{"a"});
  EXPECT_EQ(best({{"a", 2, 10}, {"b", 2, 10.3}, {"c", 2, 10.5}}), (names{"a", "b"}));
  EXPECT_EQ(best({{"a", 2, 10, 0.5}, {"b", 2, 20}, {"c", 2, 30}}), names{"b"}) << "noisy";
  EXPECT_EQ(best({{"a", 2, 10, 0.02, 0}, {"b", 2, 20}, {"c", 2, 30}}), names{"b"}) << "serial";
  EXPECT_EQ(best({{"plain.loop", 2, 1}, {"b", 2, 20}, {"c", 2, 30}}), names{"b"}) << "baseline";
  EXPECT_EQ(best({{"a", 2, 10}}), names{}) << "alone";
}

TEST(table_text, numbers_are_readable) {
  using table::readable;
  EXPECT_EQ(readable(0.01234), "0.0123");
  EXPECT_EQ(readable(0.1234), "0.123");
  EXPECT_EQ(readable(0.9994), "0.999");
  EXPECT_EQ(readable(0.9996), "1.00");
  EXPECT_EQ(readable(9.994), "9.99");
  EXPECT_EQ(readable(9.996), "10.0");
  EXPECT_EQ(readable(99.94), "99.9");
  EXPECT_EQ(readable(99.96), "100");
  EXPECT_EQ(readable(999.6), "1,000");
  EXPECT_EQ(readable(12345.4), "12,345");
  EXPECT_EQ(readable(1234567), "1,234,567");
  EXPECT_EQ(readable(1e300), "1.00e+300");
  EXPECT_LE(readable(999999999999999.4).size(), 19U);
}

TEST(table_text, units_fit_all_times_of_a_section) {
  const auto unit = [](const std::vector<double>& times) {
    return std::string(table::unit_for(times).name);
  };
  EXPECT_EQ(unit({1, 20, 300}), "ns");
  EXPECT_EQ(unit({999.7, 1040, 1100}), "us");
  EXPECT_EQ(unit({1.2, 1040, 11000}), "ns") << "1.2 ns would be 0.0012 us";
  EXPECT_EQ(unit({200, 1040, 11000}), "us");
  EXPECT_EQ(unit({2e6, 3e6}), "ms");
  EXPECT_EQ(unit({2e9}), "s");
}

TEST(table_text, widths_are_those_of_a_terminal) {
  EXPECT_EQ(table::width_of("±5%"), 3U);
  EXPECT_EQ(table::width_of("名前"), 4U);
  EXPECT_EQ(table::width_of("🦀"), 2U);
  EXPECT_EQ(table::width_of("a\xcc\x88"), 1U) << "a combining accent";
  EXPECT_EQ(table::width_of("\xff\xfe"), 2U) << "broken bytes count one each";
  EXPECT_EQ(table::printable("a\x1b[1m\n\xff z"), "a?[1m?? z");
  EXPECT_EQ(table::shortened("abcdefghij", 7), "abc…hij");
  EXPECT_EQ(table::shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_LE(table::width_of(table::shortened("名前名前名前", 6)), 6U);
  EXPECT_EQ(table::wrapped("aa bb cc dd", 6, 2), "aa bb\n  cc\n  dd\n");
}

}  // namespace
}  // namespace gobench::results
