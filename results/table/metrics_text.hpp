// A section as text when metrics stand beside its times.
#pragma once

#include <cstddef>
#include <string>

#include "results/table/cells.hpp"
#include "results/table/model.hpp"

namespace gobench::results::table {

// No line is wider than `width`; ends with a newline.
std::string with_metrics(const section& in, std::size_t width, const paint& colours, marks& seen);

}  // namespace gobench::results::table
