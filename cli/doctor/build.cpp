#include <fmt/format.h>

#include <string>

#include "cli/doctor/check.hpp"
#include "results/build_info.hpp"

namespace gobench::cli::doctor {

std::vector<diagnosis> check_build() {
  const results::build_info& build = results::this_build();
  diagnosis one{.name = "build", .found = fmt::format("{}, {}", build.build_type, build.compiler)};
  const std::string flags(build.flags);
  const bool optimised =
      flags.find("-O2") != std::string::npos || flags.find("-O3") != std::string::npos;
  if (flags.find("-fsanitize") != std::string::npos) {
    one.state = mark::warning;
    one.effect = "Sanitizers slow down every memory access and every lock, each by another factor.";
    one.advice = "Measure with a build without sanitizers: ./scripts/gobench makes one.";
  } else if (!optimised) {
    one.state = mark::warning;
    one.effect = "Code that is not optimised says nothing about what users will run.";
    one.advice = "Measure with a release build: ./scripts/gobench makes one.";
  } else {
    one.effect = "The compiler optimises as it does for a program that is shipped.";
  }
  return {one};
}

}  // namespace gobench::cli::doctor
