// Google Benchmark's JSON (--benchmark_out=FILE --benchmark_out_format=json), of any program that uses it and of
// the exporter gbench (../gbench.cpp). Samples are its entries of run_type "iteration"; what it calculated from them
// (mean, median, ...) is left out.
//
// Of our exporter the name of a benchmark is suite/case/impl/vehicle:..., which becomes the same case again. Of others
// the suite is "gbench" and the implementation has no name.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "results/internal/context_json.hpp"
#include "results/internal/foreign_name.hpp"
#include "results/internal/json_stream.hpp"
#include "results/internal/reader.hpp"

namespace gobench::results {

namespace {

using namespace internal;

constexpr std::array<std::string_view, 14> known = {"name",
                                                    "family_index",
                                                    "per_family_instance_index",
                                                    "run_name",
                                                    "run_type",
                                                    "threads",
                                                    "repetition_index",
                                                    "repetitions",
                                                    "iterations",
                                                    "real_time",
                                                    "cpu_time",
                                                    "time_unit",
                                                    "items_per_second",
                                                    "label"};

std::string text_of(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// ns of a unit; a file without one is of a version that knew only ns.
double ns_of(const json& entry, const intake& to) {
  const std::string unit = text_of(entry, "time_unit");
  if (unit == "ns" || !entry.contains("time_unit")) return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  if (unit == "s") return 1e9;
  to.fail(fmt::format("The time_unit {} is none of ns, us, ms and s; correct the entry.",
                      shown(dump(entry["time_unit"]))));
}

double measure(const json& entry, const char* name, const intake& to) {
  const auto found = entry.find(name);
  if (found == entry.end() || found->is_null()) return not_measured;
  if (!found->is_number()) {
    to.fail(
        fmt::format("{} is {}, which is no number; correct the entry.", name, shown(dump(*found))));
  }
  const double number = found->get<double>();
  to.require_measure(name, number);
  return number;
}

// suite/case/impl/vehicle:V/procs:P/tasks:T...
bool is_ours(const std::string& name) {
  const std::size_t at = name.find("/vehicle:");
  return at != std::string::npos && name.find("/procs:", at) != std::string::npos &&
         name.find("/tasks:", at) != std::string::npos;
}

// What comes before the first slash, which goes.
std::string first_part(std::string& name) {
  const std::size_t end = name.find('/');
  std::string part = name.substr(0, end);
  name.erase(0, end == std::string::npos ? end : end + 1);
  return part;
}

void read_name(std::string name, sample& into) {
  if (is_ours(name)) {
    into.suite = first_part(name);
    into.case_name = first_part(name);
    into.impl = first_part(name);
    sample placed;
    take_apart(name, ':', placed);
    into.runs_on = placed.runs_on;
    into.procs = placed.procs;
    into.tasks = placed.tasks;
    into.parameters = placed.parameters;
    return;
  }
  into.suite = "gbench";
  take_apart(name, ':', into);
}

class gbench_reader {
 public:
  explicit gbench_reader(intake& to) : to_(to) {}

  void take(const json& entry) {
    std::string name = text_of(entry, "run_name");
    if (name.empty()) name = text_of(entry, "name");
    if (name.empty()) to_.fail("An entry has no name; write the file again.");
    if (text_of(entry, "run_type") == "aggregate" || entry.contains("aggregate_name") ||
        entry.contains("big_o")) {
      ++aggregates_;
      return;
    }
    if (const auto error = entry.find("error_occurred"); error != entry.end() && *error == true) {
      to_.remark(fmt::format("{} ended with an error and is left out: {}.", shown(name),
                             shown(text_of(entry, "error_message"))));
      return;
    }
    sample made;
    read_name(std::move(name), made);
    const auto threads = entry.find("threads");
    if (made.tasks == 0 && threads != entry.end() && threads->is_number_unsigned() &&
        threads->get<std::uint64_t>() <= std::numeric_limits<int>::max()) {
      made.tasks = threads->get<int>();
    }
    made.parameters = without_threads(made);
    const double unit = ns_of(entry, to_);
    if (!entry.contains("real_time")) to_.fail("An entry has no real_time; write the file again.");
    made.ns_per_op = measure(entry, "real_time", to_) * unit;
    const double cpu = measure(entry, "cpu_time", to_) * unit;
    if (cpu != 0) made.cpu_ns_per_op = cpu;  // 0: not measured
    made.ops_per_s = measure(entry, "items_per_second", to_);
    if (const auto done = entry.find("iterations");
        done != entry.end() && done->is_number_unsigned()) {
      made.iterations = done->get<std::uint64_t>();
    }
    take_counters(entry, made);
    const auto rep = entry.find("repetition_index");
    if (rep != entry.end() && rep->is_number_unsigned() &&
        rep->get<std::uint64_t>() < std::numeric_limits<int>::max()) {
      made.rep = rep->get<int>();
      to_.add(std::move(made));
    } else {
      to_.add_next(std::move(made));
    }
  }

  void finish() const {
    if (to_.content.samples == 0 && aggregates_ > 0) {
      to_.fail(
          "There are only aggregates; run the benchmark without "
          "--benchmark_report_aggregates_only.");
    }
  }

 private:
  // threads:8 in a name says what `threads` says.
  static fields without_threads(const sample& one) {
    fields kept;
    for (const auto& field : one.parameters) {
      if (field.name != "threads") kept.set(field.name, field.content);
    }
    return kept;
  }

  void take_counters(const json& entry, sample& into) const {
    for (const auto& [name, content] : entry.items()) {
      if (std::ranges::find(known, std::string_view(name)) != known.end()) continue;
      const bool too_large =
          content.is_number_unsigned() &&
          content.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max();
      if (content.is_number_integer() && !too_large) {
        into.metrics.set(name, value{content.get<std::int64_t>()});
      } else if (content.is_number()) {
        into.metrics.set(name, content.get<double>());
      }
    }
  }

  intake& to_;
  std::size_t aggregates_ = 0;
};

context context_of_gbench(const json& from) {
  context made;
  if (!from.is_object()) return made;
  made.start_time = text_of(from, "date");
  made.host = text_of(from, "host_name");
  if (const std::string program = text_of(from, "executable"); !program.empty()) {
    made.command_line = {program};
  }
  const auto cpus = from.find("num_cpus");
  if (cpus != from.end() && cpus->is_number_unsigned() && *cpus < 1'000'000) {
    made.cpus_online = cpus->get<int>();
  }
  made.build_type = text_of(from, "library_build_type");
  made.cpu_model = text_of(from, "cpu_model");
  made.kernel = text_of(from, "kernel");
  made.version = text_of(from, "gobench_version");
  made.git_commit = text_of(from, "git_commit");
  return made;
}

const reader_registration registered{
    {"gbench", [](std::string_view head) { return has_member(head, "benchmarks"); },
     [](text_source& from, intake& to, const std::optional<std::filesystem::path>&) {
       gbench_reader reading(to);
       read_json_stream(from, {.list = "benchmarks",
                               .item = [&](json&& one) { reading.take(one); },
                               .other =
                                   [&](const std::string& name, json&& content) {
                                     if (name == "context")
                                       to.content.about = context_of_gbench(content);
                                   }});
       reading.finish();
     }}};

}  // namespace

}  // namespace gobench::results
