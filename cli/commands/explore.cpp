#include <memory>

#include "cli/command.hpp"
#include "cli/explore/request.hpp"
#include "cli/explore/session.hpp"

namespace gobench::cli {

namespace {

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<explore::options_text>();
  explore::add_options(verb, *text);
  return [text](const surroundings& around) {
    return explore::session(explore::parse(*text, around), around).perform();
  };
}

const command_registration registered{
    {.name = "explore",
     .about = "Run a program under many schedules, and repeat the ones that fail",
     .epilogue =
         "The program is built with gobench cxx or linked to gobench::check. It runs once per\n"
         "schedule, one thread at a time, with time that passes by itself. A data race, deadlock,\n"
         "leak, misuse, hang, crash, failed assertion or exit code that is not 0 fails a "
         "schedule;\n"
         "the exit code is 66 then.\n"
         "Examples:\n"
         "  gobench explore ./app --threads 2\n"
         "  gobench explore ./tests --gtest_filter='queue.*'\n"
         "  gobench explore --strategy dfs:2 --schedules 0 --time 60s ./app\n"
         "  gobench explore --keep-going --json found.json --shard 0/4 ./app\n"
         "Files are brought up to date after every finding; killing the run loses none.",
     .prepare = prepare,
     .rest = rest_arguments::program}};

}  // namespace

}  // namespace gobench::cli
