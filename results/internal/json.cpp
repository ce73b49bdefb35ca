#include "results/internal/json.hpp"

#include <cmath>

namespace gobench::results::internal {

namespace {

json object_of(const fields& named) {
  json made = json::object();
  for (const auto& field : named) made[field.name] = to_json(field.content);
  return made;
}

json known(const std::string& text) { return text.empty() ? json() : json(text); }
json known(int number) { return number == 0 ? json() : json(number); }
json known(std::uint64_t number) { return number == 0 ? json() : json(number); }

}  // namespace

json to_json(double number) { return std::isfinite(number) ? json(number) : json(); }

json to_json(const value& v) {
  if (const auto* whole = std::get_if<std::int64_t>(&v)) return *whole;
  if (const auto* real = std::get_if<double>(&v)) return to_json(*real);
  return std::get<std::string>(v);
}

json to_json(const context& about) {
  return {{"start_time", known(about.start_time)},
          {"end_time", known(about.end_time)},
          {"command_line", about.command_line},
          {"seed", about.seed},
          {"warnings", about.warnings},
          {"host", known(about.host)},
          {"kernel", known(about.kernel)},
          {"architecture", known(about.architecture)},
          {"cpu_model", known(about.cpu_model)},
          {"cpus_online", known(about.cpus_online)},
          {"cpus_allowed", known(about.cpus_allowed)},
          {"cores", known(about.cores)},
          {"cgroup_cpus", to_json(about.cgroup_cpus)},
          {"governor", known(about.governor)},
          {"turbo", known(about.turbo)},
          {"smt", known(about.smt)},
          {"memory_bytes", known(about.memory_bytes)},
          {"load_1min", to_json(about.load_1min)},
          {"load_1min_end", to_json(about.load_1min_end)},
          {"steal_percent", to_json(about.steal_percent)},
          {"others_percent", to_json(about.others_percent)},
          {"version", known(about.version)},
          {"git_commit", known(about.git_commit)},
          {"compiler", known(about.compiler)},
          {"compiler_flags", known(about.compiler_flags)},
          {"build_type", known(about.build_type)},
          {"versions", object_of(about.versions)}};
}

json to_json(const sample& one) {
  return {{"suite", one.suite},
          {"case", one.case_name},
          {"impl", one.impl},
          {"vehicle", to_string(one.runs_on)},
          {"procs", one.procs},
          {"tasks", one.tasks},
          {"rep", one.rep},
          {"iterations", one.iterations},
          {"ns_per_op", to_json(one.ns_per_op)},
          {"cpu_ns_per_op", to_json(one.cpu_ns_per_op)},
          {"ops_per_s", to_json(one.ops_per_s)},
          {"parameters", object_of(one.parameters)},
          {"metrics", object_of(one.metrics)}};
}

std::string dump(const json& j, int indent) {
  return j.dump(indent, ' ', false, json::error_handler_t::replace);
}

}  // namespace gobench::results::internal
