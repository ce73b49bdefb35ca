#include "cli/plot/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/plot/dimensions.hpp"
#include "results/statistics.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::plot {

namespace {

using names = std::vector<std::string>;

// The quantiles that suites tell, as columns "p99_us" or "p99_ns", with what an axis calls them.
constexpr std::pair<const char*, const char*> quantiles[] = {
    {"p50", "50%"}, {"p90", "90%"}, {"p99", "99%"}, {"p999", "99.9%"}, {"max", "max"}};
// Of a scale on which the smallest values could no longer be told apart.
constexpr double wide = 20;

bool has_column(const std::vector<place>& all, const std::string& column) {
  return std::ranges::any_of(
      all, [&](const place& one) { return !report::numbers_of(*one.what, column).empty(); });
}

// The endings of the columns with quantiles: "_us", "_ns", or nothing where there are fewer than two.
std::string quantile_ending(const std::vector<place>& all) {
  for (const char* ending : {"_us", "_ns"}) {
    std::size_t there = 0;
    for (const auto& [name, title] : quantiles)
      there += has_column(all, std::string(name) + ending);
    if (there >= 2) return ending;
  }
  return "";
}

std::optional<point> point_of(std::vector<double> numbers, double x) {
  if (numbers.empty()) return std::nullopt;
  const results::interval range = results::median_interval(numbers);
  return point{x, results::median(numbers), range.low, range.high};
}

class drawing {
 public:
  drawing(std::vector<place> all, const wishes& wanted) : all_(std::move(all)), wanted_(wanted) {
    made_.title =
        results::table::shortened(results::table::printable(all_.front().what->who().suite), 60);
  }

  picture perform() {
    metric_ = wanted_.metric.empty() ? "ns_per_op" : wanted_.metric;
    made_.how = chosen_kind();
    if (made_.how != kind::latency && !has_column(all_, metric_)) {
      throw usage_error(messages::no_such_metric(metric_, all_.front().in->name));
    }
    choose_x();
    narrow();
    made_.y_label = axis_title(metric_);
    switch (made_.how) {
      case kind::lines:
        draw_lines();
        break;
      case kind::bars:
        draw_bars();
        break;
      case kind::latency:
        draw_latency();
        break;
      case kind::heat_map:
        draw_heat_map();
        break;
    }
    choose_scales();
    describe();
    return std::move(made_);
  }

 private:
  kind chosen_kind() const {
    if (wanted_.kind == "lines") return kind::lines;
    if (wanted_.kind == "bars") return kind::bars;
    if (wanted_.kind == "heat") return kind::heat_map;
    if (wanted_.kind == "latency") return kind::latency;
    const names vary = varying(all_);
    const bool tells_latency = !quantile_ending(all_).empty();
    if (wanted_.metric.empty() && wanted_.x.empty() && tells_latency) return kind::latency;
    if (!wanted_.x.empty()) return all_numbers(all_, wanted_.x) ? kind::lines : kind::bars;
    // Both dimensions of a machine, and nothing else to tell lines apart by.
    if (vary == names{"procs", "tasks"}) return kind::heat_map;
    return std::ranges::any_of(vary,
                               [&](const std::string& name) { return all_numbers(all_, name); })
               ? kind::lines
               : kind::bars;
  }

  void choose_x() {
    const names vary = varying(all_);
    if (!wanted_.x.empty()) {
      x_ = wanted_.x;
      if (values_of(all_, x_).empty()) {
        throw usage_error(messages::unknown_column("--x", x_, vary, nearest(x_, vary)));
      }
      if (made_.how == kind::lines && !all_numbers(all_, x_)) made_.how = kind::bars;
      return;
    }
    if (made_.how == kind::latency) return;
    if (made_.how == kind::heat_map) {
      x_ = "procs";
      return;
    }
    for (const std::string& name : vary) {
      if (all_numbers(all_, name) != (made_.how == kind::lines)) continue;
      if (x_.empty() || values_of(all_, name).size() > values_of(all_, x_).size() ||
          (made_.how == kind::bars && name == "impl")) {
        x_ = name;
      }
    }
    if (x_.empty()) x_ = made_.how == kind::lines ? "tasks" : "impl";
  }

  // What a line is called by.
  names by() const {
    names all = varying(all_);
    std::erase(all, x_);
    if (made_.how == kind::heat_map) std::erase(all, "tasks");
    return all;
  }

  std::size_t line_count() const {
    std::set<std::string> seen;
    for (const place& one : all_) seen.insert(name_of(one, by()));
    return seen.size();
  }

  void narrow() {
    const std::size_t most = made_.how == kind::heat_map ? 1 : most_lines;
    // Who does the work is what one compares, so it goes last.
    names order = by();
    std::ranges::stable_partition(order, [](const std::string& name) {
      return name != "impl" && name != "run" && name != "vehicle";
    });
    std::ranges::stable_partition(
        order, [](const std::string& name) { return name != "impl" && name != "run"; });
    for (const std::string& name : order) {
      if (line_count() <= most && name != "case") continue;
      if (made_.how != kind::heat_map && (name == "impl" || name == "run")) continue;
      const std::string first = values_of(all_, name).front();
      std::erase_if(all_, [&](const place& one) { return text_of(one, name) != first; });
      only_.push_back(told(name, first));
    }
  }

  static std::string name_of(const place& one, const names& dimensions) {
    std::string made;
    for (const std::string& name : dimensions) {
      const std::string word = told(name, text_of(one, name));
      if (!word.empty()) made += (made.empty() ? "" : " ") + word;
    }
    return made.empty() ? std::string("all") : made;
  }

  std::map<std::string, std::vector<place>> grouped(const names& dimensions) const {
    std::map<std::string, std::vector<place>> groups;
    for (const place& one : all_) groups[name_of(one, dimensions)].push_back(one);
    return groups;
  }

  std::vector<double> numbers(const std::vector<place>& of, const std::string& column) const {
    std::vector<double> all;
    for (const place& one : of) {
      const std::vector<double> more = report::numbers_of(*one.what, column);
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }

  void keep(line&& one) {
    if (!one.points.empty()) made_.lines.push_back(std::move(one));
  }

  void draw_lines() {
    made_.x_label = axis_title(x_);
    for (const auto& [name, members] : grouped(by())) {
      std::map<double, std::vector<place>> places;
      for (const place& one : members) {
        if (const auto x = number_of(one, x_)) places[*x].push_back(one);
      }
      line drawn{name, {}};
      for (const auto& [x, here] : places) {
        if (auto p = point_of(numbers(here, metric_), x)) drawn.points.push_back(*p);
      }
      keep(std::move(drawn));
    }
  }

  void draw_along(const names& values, const names& dimensions) {
    for (const auto& [name, members] : grouped(dimensions)) {
      line drawn{name, {}};
      for (std::size_t i = 0; i < values.size(); ++i) {
        std::vector<place> here;
        std::ranges::copy_if(members, std::back_inserter(here),
                             [&](const place& one) { return text_of(one, x_) == values[i]; });
        if (auto p = point_of(numbers(here, metric_), static_cast<double>(i))) {
          drawn.points.push_back(*p);
        }
      }
      keep(std::move(drawn));
    }
  }

  void draw_bars() {
    made_.x_label = axis_title(x_);
    const names values = values_of(all_, x_);
    for (const std::string& one : values) {
      made_.ticks.push_back(results::table::shortened(results::table::printable(one), 24));
    }
    draw_along(values, by());
  }

  void draw_heat_map() {
    made_.x_label = axis_title(x_);
    const std::string other = x_ == "tasks" ? "procs" : "tasks";
    const names columns = values_of(all_, x_);
    made_.ticks = columns;
    made_.rows = values_of(all_, other);
    std::vector<place> kept = all_;
    for (const std::string& row : made_.rows) {
      all_.clear();
      std::ranges::copy_if(kept, std::back_inserter(all_),
                           [&](const place& one) { return text_of(one, other) == row; });
      line drawn{row, {}};
      for (std::size_t i = 0; i < columns.size(); ++i) {
        std::vector<place> here;
        std::ranges::copy_if(all_, std::back_inserter(here),
                             [&](const place& one) { return text_of(one, x_) == columns[i]; });
        if (auto p = point_of(numbers(here, metric_), static_cast<double>(i))) {
          drawn.points.push_back(*p);
        }
      }
      made_.lines.push_back(std::move(drawn));
    }
    all_ = std::move(kept);
  }

  void draw_latency() {
    const std::string ending = quantile_ending(all_);
    if (ending.empty()) throw usage_error(messages::no_quantiles(all_.front().in->name));
    made_.x_label = "share of the waits that were no longer";
    metric_ = "latency" + ending;
    made_.y_label = axis_title(metric_);
    std::vector<std::string> columns;
    for (const auto& [name, title] : quantiles) {
      if (!has_column(all_, std::string(name) + ending)) continue;
      columns.push_back(std::string(name) + ending);
      made_.ticks.emplace_back(title);
    }
    for (const auto& [name, members] : grouped(by())) {
      line drawn{name, {}};
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (auto p = point_of(numbers(members, columns[i]), static_cast<double>(i))) {
          drawn.points.push_back(*p);
        }
      }
      keep(std::move(drawn));
    }
  }

  void choose_scales() {
    double lowest = INFINITY, highest = 0, left = INFINITY, right = 0;
    for (const line& one : made_.lines) {
      for (const point& p : one.points) {
        lowest = std::min(lowest, p.low);
        highest = std::max(highest, p.high);
        left = std::min(left, p.x);
        right = std::max(right, p.x);
      }
    }
    made_.log_y = lowest > 0 && highest / lowest >= wide;
    made_.log_x = made_.how == kind::lines && left > 0 && right / left >= wide / 2;
    if (made_.lines.empty() || highest == 0) {
      if (made_.lines.empty())
        throw usage_error(messages::no_such_metric(metric_, "these results"));
    }
  }

  void describe() {
    std::string text;
    const auto add = [&](const std::string& word) {
      if (!word.empty()) text += (text.empty() ? "" : ", ") + word;
    };
    for (const std::string& one : only_) add("only " + one);
    for (const char* name : {"impl", "vehicle", "procs", "tasks"}) {
      if (name == x_ || (made_.how == kind::heat_map && std::string_view(name) == "tasks"))
        continue;
      const names values = values_of(all_, name);
      const bool said =
          !values.empty() && std::ranges::find(only_, told(name, values.front())) != only_.end();
      if (values.size() == 1 && values.front() != "0" && !said) add(told(name, values.front()));
    }
    made_.subtitle = made_.how == kind::heat_map
                         ? text
                         : text + (text.empty() ? "" : "; ") + "medians with 95% intervals";
  }

  std::vector<place> all_;
  const wishes& wanted_;
  picture made_;
  std::string metric_;
  std::string x_;
  names only_;
};

}  // namespace

picture picture_of(const std::vector<report::run>& runs, const wishes& wanted) {
  std::vector<place> all;
  for (const report::run& in : runs) {
    for (const report::measured_case& one : in.cases) all.push_back({&one, &in});
  }
  return drawing(std::move(all), wanted).perform();
}

}  // namespace gobench::cli::plot
