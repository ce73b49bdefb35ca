// What a suite's samples say, in a sentence or two.
#pragma once

#include <string>

#include "cli/report/run.hpp"

namespace gobench::cli::report {

// How much was measured, the suite's own answer where gobench knows the suite and the samples suffice, else who was
// the fastest and the slowest, and how much of it is too noisy to tell.
std::string sentence_about(const run& in, const std::string& suite);

}  // namespace gobench::cli::report
