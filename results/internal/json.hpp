// Context and samples as JSON, for the exporters that need them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "results/record.hpp"

namespace gobench::results::internal {

using json = nlohmann::ordered_json;

// Names as in `struct context`; what the machine did not tell is null.
json to_json(const context& about);

// The columns by their names, `parameters` and `metrics` as objects within.
json to_json(const sample& one);

json to_json(const value& v);

// Null for not_measured and for infinities, which JSON does not have.
json to_json(double number);

// On one line, or indented by `indent`. Bytes that are not UTF-8 become U+FFFD.
std::string dump(const json& j, int indent = -1);

}  // namespace gobench::results::internal
