#include "cli/cxx/messages.hpp"

#include <fmt/format.h>

namespace gobench::cli::cxx::messages {

std::string nothing_to_do() {
  return "gobench cxx needs what the compiler is to do, such as gobench cxx -g -O1 app.cpp -o app; "
         "gobench cxx --help explains.";
}

std::string no_such_step(std::string_view typed) {
  return fmt::format("--print-flags takes compile or link, not \"{}\".", typed);
}

std::string no_compiler(std::string_view name, std::string_view origin) {
  if (origin.empty()) {
    return fmt::format(
        "There is no compiler {} on the PATH; install g++ or clang++, or name "
        "another one with GOBENCH_CXX.",
        name);
  }
  return fmt::format(
      "{} names the compiler {}, which is not there; install it or set {} to one "
      "that is.",
      origin, name, origin);
}

std::string cannot_start(std::string_view cause) {
  return fmt::format("The compiler cannot be started: {}; set GOBENCH_CXX to one that can.", cause);
}

std::string no_check_flags(std::string_view file) {
  return fmt::format(
      "The check flavour of the library is not installed with this gobench: there is "
      "no {}; install gobench whole, with cmake --install.",
      file);
}

std::string no_check_library(std::string_view file) {
  return fmt::format(
      "The check flavour of the library is not installed with this gobench: there is "
      "no {}; build all of gobench, or install it whole with cmake --install.",
      file);
}

std::string no_static() {
  return "A statically linked program cannot be checked, because the detector has to stand before "
         "the C library; leave out -static (-static-libgcc and -static-libstdc++ may stay).";
}

std::string no_scratch(std::string_view cause) {
  return fmt::format(
      "There is no place for the objects between compiling and linking: {}; make "
      "room there or set TMPDIR to another folder.",
      cause);
}

}  // namespace gobench::cli::cxx::messages
