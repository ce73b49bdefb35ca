// Which OS threads this process has: whether somebody from outside could still step in.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// The kernel's numbers of all threads of the process; empty when /proc cannot be read.
std::vector<int> thread_numbers();

// Whether a thread exists now that is neither in `before` nor one of `ours`. True when it cannot be told.
bool threads_born_since(const std::vector<int>& before, const std::vector<int>& ours);

// How long a standstill must last before it is called a deadlock. Threads that were there when the run
// began and have not touched it probably never will, but are given a second.
std::int64_t patience_ns(const std::vector<int>& before) noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
