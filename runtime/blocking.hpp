// Calls that may block in the kernel.
//
//   auto n = gobench::blocking([&] { return ::read(fd, buffer, size); });
#pragma once

#include <cerrno>
#include <concepts>
#include <functional>
#include <type_traits>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace runtime {
// Between the two, the calling thread has no processor and the caller may not touch the runtime.
// leave_blocking carries `saved_errno` to the thread on which the fiber goes on.
void enter_blocking();
void leave_blocking(int saved_errno);
}  // namespace runtime

// Runs f on the calling OS thread and lets another thread run the other tasks meanwhile; returns what f
// returns and keeps errno (read it soon: after another wait the fiber may be on another thread, and a
// function that read errno before may look at the old one's). From anywhere; on an OS thread of its own it only calls f. f may not use the
// runtime: no channel, no lock of ours, no go.
template <std::invocable F>
std::invoke_result_t<F&> blocking(F&& f) {
  struct section {
    section() { runtime::enter_blocking(); }
    ~section() noexcept(false) { runtime::leave_blocking(errno_here()); }
    // The thread's, which fibers share that take turns on it.
    static int errno_here() noexcept {
      GOBENCH_INTERNAL_SCOPE();
      return errno;
    }
  };
  const section inside;
  return std::invoke(f);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
