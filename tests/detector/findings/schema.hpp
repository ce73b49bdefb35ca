// A validator for the part of JSON Schema (draft 7) that the schemas here use, so that checking against them needs
// nothing that is not there. A keyword that it does not know is an error, not ignored.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace gobench::detector::findings::testing {

// What is wrong with `value`, each with the path to it; empty when it is valid.
std::vector<std::string> violations(const nlohmann::json& schema, const nlohmann::json& value);

// The file below the repository's root, parsed.
nlohmann::json json_file(const std::string& name);

}  // namespace gobench::detector::findings::testing
