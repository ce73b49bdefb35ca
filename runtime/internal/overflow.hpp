// Telling a stack overflow from other crashes.
#pragma once

#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Installs the handler for SIGSEGV and SIGBUS, once; signals that are no overflow of ours go to the
// handler that was there before. Needs an alternate signal stack on each thread (signal_stack).
void install_overflow_handler();

// While it lives, the calling thread's own stack is known to the handler.
class thread_stack_bounds {
 public:
  thread_stack_bounds() noexcept;
  ~thread_stack_bounds();
  thread_stack_bounds(const thread_stack_bounds&) = delete;
  thread_stack_bounds& operator=(const thread_stack_bounds&) = delete;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
