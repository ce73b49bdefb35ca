#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "cli/command.hpp"
#include "cli/run/request.hpp"
#include "cli/run/session.hpp"

namespace gobench::cli {

namespace {

void list_cases(const run::request& asked) {
  for (const suites::planned_case& one : asked.cases()) {
    std::cout << suites::describe(one) << "\n";
  }
  std::cout << fmt::format("{} cases, {} samples\n", asked.cases().size(), asked.samples())
            << std::flush;
}

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<run::options_text>();
  run::add_options(verb, *text);
  return [text](const surroundings& around) {
    const run::request asked = run::parse(*text, around);
    if (asked.dry_run) {
      list_cases(asked);
      return 0;
    }
    return run::session(asked, around).perform();
  };
}

const command_registration registered{
    {.name = "run",
     .about = "Measure suites on this machine",
     .epilogue =
         "Examples:\n"
         "  gobench run mutex-vs-chan\n"
         "  gobench run mutex-vs-chan --vehicle fiber --impl 'mutex|chan' --tasks 8 --reps 20\n"
         "  gobench run mutex-vs-chan --quick --format csv > samples.csv\n"
         "  gobench run mutex-vs-chan --param hold_ns=0,10000 --out samples.csv\n"
         "Every sample is written as it arrives; an interrupted run shows what it has measured.",
     .prepare = prepare}};

}  // namespace

}  // namespace gobench::cli
