#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gobench::results::internal {

// The name with the fewest characters to insert, delete or replace to get there, the first of equals.
std::string nearest(std::string_view typed, const std::vector<std::string>& names);

}  // namespace gobench::results::internal
