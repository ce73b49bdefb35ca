// Google Benchmark's JSON, for tools that read it (its tools/compare.py, CI services): one entry of
// run_type "iteration" per sample. What identifies a case is in the name, as Google Benchmark does it:
// mutex-vs-chan/counter/gobench.mutex/vehicle:fiber/procs:2/tasks:8/hold_ns:0.
#include <cmath>
#include <map>
#include <utility>

#include "results/internal/exporter.hpp"
#include "results/internal/growing_json.hpp"
#include "results/internal/text.hpp"

namespace gobench::results {

namespace {

using namespace internal;

std::string name_of(const sample& one) {
  std::string name = one.suite + "/" + one.case_name + "/" + one.impl;
  name += "/vehicle:" + std::string(to_string(one.runs_on));
  name += "/procs:" + std::to_string(one.procs) + "/tasks:" + std::to_string(one.tasks);
  for (const auto& field : one.parameters) name += "/" + field.name + ":" + to_text(field.content);
  return name;
}

json context_of(const context& about) {
  json made = {
      {"date", about.start_time},
      {"host_name", about.host},
      {"executable", about.command_line.empty() ? "" : about.command_line.front()},
      {"num_cpus", about.cpus_online},
      {"cpu_scaling_enabled", !about.governor.empty() && about.governor != "performance"},
      {"caches", json::array()},
      {"load_avg", std::isfinite(about.load_1min) ? json{about.load_1min} : json::array()},
      {"library_build_type", about.build_type == "Debug" ? "debug" : "release"},
  };
  // Beyond what Google Benchmark writes itself, as its --benchmark_context does.
  made["cpu_model"] = about.cpu_model;
  made["kernel"] = about.kernel;
  made["gobench_version"] = about.version;
  made["git_commit"] = about.git_commit;
  made["steal_percent"] = shortest(about.steal_percent);
  return made;
}

class gbench : public sink {
 public:
  explicit gbench(std::unique_ptr<output> out) : out_(std::move(out), "benchmarks") {}

  void begin(const context& about, const schema& columns) override {
    repetitions_ = columns.repetitions;
    families_.clear();
    out_.begin(context_of(about));
  }

  void add(const sample& one) override {
    const std::string name = name_of(one);
    const auto family = families_.emplace(name, families_.size()).first->second;
    json entry = {
        {"name", name},
        {"family_index", family},
        {"per_family_instance_index", 0},
        {"run_name", name},
        {"run_type", "iteration"},
        {"repetitions", repetitions_},
        {"repetition_index", one.rep},
        {"threads", one.tasks},
        {"iterations", one.iterations},
        {"real_time", number(one.ns_per_op)},
        {"cpu_time", number(one.cpu_ns_per_op)},
        {"time_unit", "ns"},
    };
    if (std::isfinite(one.ops_per_s)) entry["items_per_second"] = one.ops_per_s;
    for (const auto& field : one.metrics) {
      const json content = to_json(field.content);
      if (content.is_number() && !entry.contains(field.name)) entry[field.name] = content;
    }
    out_.add(entry);
  }

  void finish(const context& about) override { out_.finish(context_of(about)); }

 private:
  // compare.py calculates with both times and has no word for "not measured".
  static double number(double time) { return std::isfinite(time) ? time : 0; }

  growing_json out_;
  int repetitions_ = 0;
  std::map<std::string, std::size_t> families_;
};

const exporter_registration registered{
    "gbench", {".gbench.json", ".gbench"}, [](std::unique_ptr<output> out, const sink_options&) {
      return std::make_unique<gbench>(std::move(out));
    }};

}  // namespace

}  // namespace gobench::results
