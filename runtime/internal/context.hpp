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

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(GOBENCH_FLAVOUR_TSAN)
#define GOBENCH_JUMPS_BY_JUMP
// By how much the stack pointer is lower than its function expects when a suspended context goes on.
inline constexpr std::uintptr_t jump_gap_bytes = 128;
#else
inline constexpr std::uintptr_t jump_gap_bytes = 0;
#endif

// Jumps to a suspended context, as jump_fcontext does, and returns when somebody jumps back.
//
// jump_fcontext is called but leaves with a jump: the processor's return-address predictor keeps an entry
// that no return will ever match, and from then on every return up the stack is mispredicted. Measured on
// a 2-core virtual machine: 11 ns for the jump and 7.4 ns more for every frame between it and the code
// that called. Entering by a jump as well keeps the predictor in step, because fibers mostly leave and
// return at the same depth of the same functions: 11 ns at every depth.
inline __attribute__((always_inline)) fcontext::transfer_t jump(fcontext::fcontext_t to,
                                                                void* message) noexcept {
#if defined(GOBENCH_JUMPS_BY_JUMP)
  void* target = to;
  void* from = nullptr;
  void* answer = nullptr;
  // 128: the compiler may keep data below the stack pointer (the red zone of the System V ABI).
  asm volatile(
      "subq $128, %%rsp\n\t"
      "leaq 1f(%%rip), %%r11\n\t"
      "pushq %%r11\n\t"
      "jmp jump_fcontext@PLT\n"
      "1:\taddq $128, %%rsp"
      : "+D"(target), "+S"(message), "=a"(from), "=d"(answer)
      :
      : "rcx", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4",
        "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#if defined(__AVX512F__)
        ,
        "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",
        "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5", "k6",
        "k7"
#endif
  );
  return {from, answer};
#else
  return fcontext::jump_fcontext(to, message);
#endif
}

// The calling thread's exception globals; the address is fixed for the life of the thread.
inline exception_state* thread_exception_state() noexcept {
  return reinterpret_cast<exception_state*>(abi::__cxa_get_globals());
}

// Into its place, without a copy: a load of both words at once would wait for the two stores.
inline void save_float_control(float_control& into) noexcept {
#if defined(__x86_64__)
  asm volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(into.mxcsr), "=m"(into.x87));
#else
  static_cast<void>(into);
#endif
}

// A fresh task starts with the floating-point environment of the one that spawned it, as a POSIX thread
// does. Loading the words is slow, and almost never needed.
inline void set_float_control(const float_control& wanted) noexcept {
#if defined(__x86_64__)
  float_control now;
  save_float_control(now);
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
