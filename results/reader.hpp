// Result files, whoever wrote them: one reader per file below readers/, chosen by what the file contains and
// not by its name.
//
//   const file_content about = read_samples("x.csv", [&](sample&& one) { ... });
//
// Files come from anywhere, so nothing in one is believed: whatever is not as it must be ends the reading with
// a sentence that names file and line. A file is read as it goes by; memory grows with the number of cases
// and not with the size of the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <vector>

#include "results/record.hpp"

namespace gobench::results {

// A file that is no result file, or not a whole one. what() is a sentence behind file and line, with what to do:
// "x.csv:17: ...".
struct malformed_file : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct read_options {
  // Columns of a CSV that are parameters, where no context beside it tells; all others are metrics.
  std::vector<std::string> parameters = {};
  std::uint64_t most_samples = 20'000'000;
  std::size_t most_cases = 100'000;
};

// What is known about a file when it has been read.
struct file_content {
  std::string format;  // csv, json, gbench, benchfmt
  context about;       // as far as the format tells
  schema columns;      // those that occurred
  std::uint64_t samples = 0;
  std::vector<std::string> remarks;  // sentences about what was left out
};

using sample_taker = std::function<void(sample&&)>;

// Hands every sample over in the order of the file. Throws malformed_file, std::system_error when the file
// cannot be read, and what `take` throws. A case that occurs twice with the same repetition is refused;
// formats without repetitions get them by their order. A file without samples is refused.
file_content read_samples(const std::filesystem::path& file, const sample_taker& take,
                          const read_options& how = {});

// The same from a stream; `name` stands for the file in sentences. Of a CSV there is no context.
file_content read_samples(std::istream& in, const std::string& name, const sample_taker& take,
                          const read_options& how = {});

// The formats there are readers for, sorted.
std::vector<std::string> readable_formats();

}  // namespace gobench::results
