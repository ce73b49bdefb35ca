// Which samples repeat each other: what identifies a case, and how people call it.
#pragma once

#include <string>

#include "results/record.hpp"

namespace gobench::results {

// The same for samples that differ in `rep` and in what was measured only; different for all others. The order
// of the parameters does not matter. Bytes for maps, not for people.
std::string identity(const sample& one);

// The same for people, on one line: counter gobench.mutex fiber procs=2 tasks=8 hold_ns=0. Without the suite.
std::string description(const sample& one);

}  // namespace gobench::results
