#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/cxx/driver.hpp"
#include "cli/cxx/messages.hpp"
#include "cli/cxx/toolchain.hpp"
#include "cli/failure.hpp"

namespace gobench::cli {

namespace {

int print_flags(const std::string& step) {
  if (step != "compile" && step != "link") throw usage_error(cxx::messages::no_such_step(step));
  const cxx::check_library library = cxx::find_library();
  std::cout << quoted(step == "link" ? cxx::link_flags(library)
                                     : cxx::compile_flags(cxx::find_compiler(), library, false))
            << std::endl;
  return 0;
}

command_body prepare(CLI::App& verb) {
  const auto step = std::make_shared<std::string>();
  verb.add_option("--print-flags", *step,
                  "Print the flags that are added when compiling or linking,\n"
                  "compile or link, and do nothing else")
      ->type_name("STEP");
  return [step](const surroundings& around) {
    if (!step->empty()) return print_flags(*step);
    if (around.rest.empty()) throw usage_error(cxx::messages::nothing_to_do());
    return cxx::compile(around.rest);
  };
}

const command_registration registered{
    {.name = "cxx",
     .about = "The compiler, with the flags that gobench race needs",
     .epilogue =
         "Arguments are those of the compiler, which is $GOBENCH_CXX, else $CXX, else c++.\n"
         "gobench-c++ is the same as one word: CXX=gobench-c++ cmake ..., CXX=gobench-c++ "
         "./configure\n"
         "Examples:\n"
         "  gobench cxx -g -O1 app.cpp -o app && gobench race ./app\n"
         "  g++ $(gobench cxx --print-flags compile) -c app.cpp\n"
         "  g++ app.o $(gobench cxx --print-flags link) -o app",
     .prepare = prepare,
     .rest = rest_arguments::everything}};

}  // namespace

}  // namespace gobench::cli
