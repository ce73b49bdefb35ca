// Result files that a command reads.
#pragma once

#include <filesystem>
#include <string>

#include "results/reader.hpp"

namespace gobench::cli {

// What the suites know about columns: which are parameters.
results::read_options usual_read_options();

// read_samples() for a file that the user named; "-" is standard input, "@NAME" the last run of that name in the usual
// store. Throws environment_error with a sentence for
// a file that cannot be read or is no result.
results::file_content read_input(const std::string& file, const results::sample_taker& take);

}  // namespace gobench::cli
