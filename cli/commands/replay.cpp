#include "cli/explore/replay.hpp"

#include <memory>

#include "cli/command.hpp"
#include "cli/explore/request.hpp"

namespace gobench::cli {

namespace {

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<explore::replay_text>();
  // Only for the help: these words are taken before the options are parsed.
  static std::string unused;
  verb.add_option("TOKEN", unused, "The schedule, as gobench explore has printed it")
      ->type_name("");
  explore::add_replay_options(verb, *text);
  return [text](const surroundings& around) {
    return explore::replay(explore::parse_replay(*text, around), around);
  };
}

const command_registration registered{
    {.name = "replay",
     .about = "Run a program under a schedule that gobench explore has found",
     .epilogue =
         "The program and its arguments are those that were explored, in the same build. The exit\n"
         "code is 66 where the schedule fails again.\n"
         "Examples:\n"
         "  gobench replay x1-0f3a9b21-AQMBEQ-5c1e ./app --threads 2\n"
         "  gobench replay --times 1000 x1-0f3a9b21-AQMBEQ-5c1e ./app --threads 2\n"
         "  gobench replay --gdb x1-0f3a9b21-AQMBEQ-5c1e ./app --threads 2",
     .prepare = prepare,
     .rest = rest_arguments::program}};

}  // namespace

}  // namespace gobench::cli
