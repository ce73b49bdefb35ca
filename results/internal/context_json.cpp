#include "results/internal/context_json.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <istream>

#include "results/reader.hpp"

namespace gobench::results::internal {

namespace {

constexpr std::size_t largest = std::size_t{4} << 20;

void take(std::string& to, const json& from, const char* name) {
  const auto found = from.find(name);
  if (found != from.end() && found->is_string()) to = found->get<std::string>();
}

void take(int& to, const json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_number_integer()) return;
  const auto number = found->get<std::int64_t>();
  if (number >= 0 && number <= 1'000'000) to = static_cast<int>(number);
}

void take(std::uint64_t& to, const json& from, const char* name) {
  const auto found = from.find(name);
  if (found != from.end() && found->is_number_unsigned()) to = found->get<std::uint64_t>();
}

void take(double& to, const json& from, const char* name) {
  const auto found = from.find(name);
  if (found != from.end() && found->is_number()) to = found->get<double>();
}

void take(std::vector<std::string>& to, const json& from, const char* name) {
  const auto found = from.find(name);
  if (found == from.end() || !found->is_array()) return;
  for (const json& one : *found) {
    if (one.is_string()) to.push_back(one.get<std::string>());
  }
}

}  // namespace

context context_of(const json& from) {
  context made;
  if (!from.is_object()) return made;
  take(made.start_time, from, "start_time");
  take(made.end_time, from, "end_time");
  take(made.command_line, from, "command_line");
  take(made.seed, from, "seed");
  take(made.warnings, from, "warnings");
  take(made.host, from, "host");
  take(made.kernel, from, "kernel");
  take(made.architecture, from, "architecture");
  take(made.cpu_model, from, "cpu_model");
  take(made.cpus_online, from, "cpus_online");
  take(made.cpus_allowed, from, "cpus_allowed");
  take(made.cores, from, "cores");
  take(made.cgroup_cpus, from, "cgroup_cpus");
  take(made.governor, from, "governor");
  take(made.turbo, from, "turbo");
  take(made.smt, from, "smt");
  take(made.memory_bytes, from, "memory_bytes");
  take(made.load_1min, from, "load_1min");
  take(made.load_1min_end, from, "load_1min_end");
  take(made.steal_percent, from, "steal_percent");
  take(made.others_percent, from, "others_percent");
  take(made.version, from, "version");
  take(made.git_commit, from, "git_commit");
  take(made.compiler, from, "compiler");
  take(made.compiler_flags, from, "compiler_flags");
  take(made.build_type, from, "build_type");
  const auto versions = from.find("versions");
  if (versions != from.end() && versions->is_object()) {
    for (const auto& [name, version] : versions->items()) {
      if (version.is_string()) made.versions.set(name, version.get<std::string>());
    }
  }
  return made;
}

described_csv read_described_csv(std::istream& in, const std::string& name) {
  std::string text(largest + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > largest) {
    throw malformed_file(fmt::format(
        "{}:1: The context is larger than 4 MiB; remove the file to do without it.", name));
  }
  const json found = json::parse(text, nullptr, false);
  if (!found.is_object()) {
    throw malformed_file(fmt::format(
        "{}:1: This is not the context of a run; remove the file to do without it.", name));
  }
  described_csv made{context_of(found), std::nullopt};
  const auto parameters = found.find("parameters");
  if (parameters != found.end() && parameters->is_array()) {
    made.parameters.emplace();
    take(*made.parameters, found, "parameters");
  }
  return made;
}

}  // namespace gobench::results::internal
