// Names of benchmarks of other programs, taken apart: what they say about a case.
#pragma once

#include <string_view>

#include "results/record.hpp"

namespace gobench::results::internal {

// Takes `name`, such as BM_copy/size:64/8 or Sort/n=1000, apart at its slashes. A part `key:value` (`border` is the
// sign between them) sets vehicle, procs, tasks or impl where that is the key, else it is a parameter; other
// parts make up the name of the case.
void take_apart(std::string_view name, char border, sample& into);

}  // namespace gobench::results::internal
