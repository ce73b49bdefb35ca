// Small pieces of a switch between fibers: exception globals, floating-point control, AddressSanitizer.
//
// The jump itself is Boost.Context's fcontext, which saves the callee-saved registers and, on x86-64, the
// SSE and x87 control words of a suspended context.
#pragma once

#include <cxxabi.h>

#include "runtime/internal/control.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#error "clang's address sanitizer: define __SANITIZE_ADDRESS__ for this build"
#endif
#endif

#define GOBENCH_NO_TSAN __attribute__((no_sanitize("thread")))

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

namespace fcontext = boost::context::detail;

// The calling thread's exception globals; the address is fixed for the life of the thread.
inline exception_state* thread_exception_state() noexcept {
  return reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
}

inline float_control current_float_control() noexcept {
  float_control now;
#if defined(__x86_64__)
  asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(now.mxcsr), "=m"(now.x87));
#endif
  return now;
}

// A fresh task starts with the floating-point environment of the one that spawned it, as a POSIX thread
// does. Loading the words is slow, and almost never needed.
inline void set_float_control(const float_control& wanted) noexcept {
#if defined(__x86_64__)
  const float_control now = current_float_control();
  // The low six bits of MXCSR are status flags, not control.
  if ((now.mxcsr & ~0x3fU) != (wanted.mxcsr & ~0x3fU)) {
    const std::uint32_t word = wanted.mxcsr & ~0x3fU;
    asm volatile("ldmxcsr %0" ::"m"(word));
  }
  if (now.x87 != wanted.x87) asm volatile("fldcw %0" ::"m"(wanted.x87));
#else
  static_cast<void>(wanted);
#endif
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
