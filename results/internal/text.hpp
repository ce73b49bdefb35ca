// Numbers and values as text, the same in every locale.
#pragma once

#include <string>
#include <string_view>

#include "results/record.hpp"

namespace gobench::results::internal {

// The fewest digits that give the same double when they are read; empty for not_measured. Without an
// exponent where that stays readable.
std::string shortest(double number);

std::string to_text(const value& v);

// `text` with every occurrence of `from` replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace gobench::results::internal
