// The table as text.
#pragma once

#include <span>
#include <string>

#include "results/record.hpp"
#include "results/sink.hpp"
#include "results/table/model.hpp"

namespace gobench::results::table {

// No line is wider than how.width (at least 60); columns that do not fit are continued below. Ends
// with the legend of the marks that occur.
std::string render(std::span<const block> blocks, const context& about, const sink_options& how);

}  // namespace gobench::results::table
