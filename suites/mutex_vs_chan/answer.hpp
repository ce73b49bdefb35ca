// The one sentence that answers the suite's question from its samples.
#pragma once

#include <span>
#include <string>

#include "results/record.hpp"

namespace gobench::suites::mutex_vs_chan {

std::string answer(std::span<const results::sample> samples);

}  // namespace gobench::suites::mutex_vs_chan
