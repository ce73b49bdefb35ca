#include <memory>

#include "cli/command.hpp"
#include "cli/race/request.hpp"
#include "cli/race/self_test.hpp"
#include "cli/race/session.hpp"

namespace gobench::cli {

namespace {

command_body prepare(CLI::App& verb) {
  const auto text = std::make_shared<race::options_text>();
  race::add_options(verb, *text);
  return [text](const surroundings& around) {
    if (text->self_test) return race::self_test(around);
    return race::session(race::parse(*text, around), around).perform();
  };
}

const command_registration registered{
    {.name = "race",
     .about = "Run a program under the race detector",
     .epilogue =
         "The program is built with gobench cxx or linked to gobench::check. The exit code is 66\n"
         "where there are findings that the baseline does not know, else the program's own.\n"
         "Examples:\n"
         "  gobench race ./app --threads 8\n"
         "  gobench race --sarif races.sarif --junit races.xml --baseline races.json ./app\n"
         "  gobench race --baseline races.json --update-baseline ./app\n"
         "  gobench race --children ctest --test-dir build\n"
         "Files are brought up to date after every finding; killing the run loses none.",
     .prepare = prepare,
     .rest = rest_arguments::program}};

}  // namespace

}  // namespace gobench::cli
