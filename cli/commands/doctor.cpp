#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/doctor/check.hpp"
#include "cli/terminal.hpp"

namespace gobench::cli {

namespace {

void print_table(const std::vector<doctor::diagnosis>& all, const stream_traits& out) {
  std::size_t warnings = 0;
  for (const doctor::diagnosis& one : all) {
    const bool fine = one.state == doctor::mark::ok;
    warnings += fine ? 0 : 1;
    const std::string state =
        fine ? painted("ok     ", "32", out.color) : painted("warning", "33", out.color);
    std::cout << fmt::format("{}  {:<11} {}\n", state, one.name, one.found);
    const std::string indent(21, ' ');
    std::cout << wrapped(one.effect, indent, out.width);
    if (!one.advice.empty()) std::cout << wrapped("-> " + one.advice, indent, out.width);
  }
  std::cout << (warnings == 0 ? "Nothing here spoils a measurement.\n"
                : warnings == 1
                    ? "1 thing here can spoil a measurement.\n"
                    : fmt::format("{} things here can spoil a measurement.\n", warnings));
}

void print_json(const std::vector<doctor::diagnosis>& all) {
  nlohmann::ordered_json checks = nlohmann::ordered_json::array();
  std::size_t warnings = 0;
  for (const doctor::diagnosis& one : all) {
    const bool fine = one.state == doctor::mark::ok;
    warnings += fine ? 0 : 1;
    checks.push_back({{"name", one.name},
                      {"status", fine ? "ok" : "warning"},
                      {"found", one.found},
                      {"effect", one.effect},
                      {"advice", one.advice}});
  }
  const nlohmann::ordered_json document = {{"checks", checks}, {"warnings", warnings}};
  std::cout << document.dump(2) << "\n";
}

command_body prepare(CLI::App& verb) {
  const auto json = std::make_shared<bool>(false);
  verb.add_flag("--json", *json, "As JSON: name, status, found, effect and advice of each check");
  return [json](const surroundings& around) {
    const char* root = std::getenv("GOBENCH_SYSROOT");
    const auto found =
        doctor::examine(doctor::sysroot(root == nullptr || *root == '\0' ? "/" : root));
    if (*json) {
      print_json(found);
    } else {
      print_table(found, around.out);
    }
    std::cout.flush();
    return 0;
  };
}

const command_registration registered{
    {.name = "doctor",
     .about = "Show what on this machine spoils a measurement, and what to do",
     .epilogue = "It informs and changes nothing; the exit code is 0 whatever it finds.\n"
                 "GOBENCH_SYSROOT=DIR makes it look at DIR/proc and DIR/sys instead, which serves "
                 "tests.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
