// The name that a mistyped one was probably meant to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::cli {

// Characters to insert, delete, replace or swap with a neighbour to make one from the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The closest of `names`, the first of equals; a name that begins with `typed` counts as close. Empty
// when none shares anything worth suggesting.
std::string nearest(std::string_view typed, const std::vector<std::string>& names);

}  // namespace gobench::cli
