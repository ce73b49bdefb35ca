// A context as it is written by internal/json.hpp, read again.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "results/internal/json.hpp"
#include "results/record.hpp"

namespace gobench::results::internal {

// What is missing or of another type stays unset: a context explains figures and decides none.
context context_of(const json& from);

// The file beside a CSV: the context, and which of the columns are parameters, where it tells.
struct described_csv {
  context about;
  std::optional<std::vector<std::string>> parameters;
};

// Throws malformed_file when it is no JSON object, or larger than 4 MiB.
described_csv read_described_csv(std::istream& in, const std::string& name);

}  // namespace gobench::results::internal
