#include "cli/race/run_facts.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <system_error>

#include "cli/command_line.hpp"
#include "results/build_info.hpp"

namespace gobench::cli::race {

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

std::filesystem::path here() {
  std::error_code ignored;
  return std::filesystem::current_path(ignored);
}

std::filesystem::path workspace() {
  const char* set = std::getenv("GITHUB_WORKSPACE");
  if (set == nullptr || *set == '\0') return {};
  const std::filesystem::path relative = here().lexically_relative(set);
  return relative.empty() || *relative.begin() == ".." ? std::filesystem::path() : set;
}

detector::findings::run_facts facts_at_start(const request& asked, const surroundings& around) {
  detector::findings::run_facts made;
  made.program = asked.program;
  made.command = asked.command;
  made.reproduce = typed_command(around);
  made.version = std::string(results::this_build().version);
  made.directory = here();
  made.started = now_text();
  return made;
}

}  // namespace gobench::cli::race
