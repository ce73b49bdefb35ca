// Whose memory accesses the interposed functions judge.
//
// A library that was not compiled with the instrumentation synchronises unseen: with atomics inlined into it
// that nobody reports. Judging what it does through memcpy, read or free would make false alarms, so only
// the following are: the program itself, libraries that are instrumented, and the C++ standard library, whose code works
// on behalf of its caller and whose few counters are known (cxx.cpp).
#pragma once

#include <cstddef>

#include "detector/engine/engine.hpp"

namespace gobench::detector::interpose {

namespace internal {
extern address program_start;  // the object that the detector is linked into, if it is judged
extern std::size_t program_size;
bool in_judged_module(address pc) noexcept;
}  // namespace internal

// Is it code of the object that the detector is linked into, and that judged?
inline bool in_program(address pc) noexcept {
  return pc - internal::program_start < internal::program_size;
}
// Is the code at `pc` judged?
inline bool judged(address pc) noexcept { return in_program(pc) || internal::in_judged_module(pc); }
// Is it code of the object that the detector is linked into, judged or not?
bool in_own_module(address pc) noexcept;
// Is it code of the C++ standard library?
bool in_standard_library(address pc) noexcept;

// At start-up, and after a module went: what is known of modules is found again when next asked for.
void find_modules() noexcept;
void modules_changed() noexcept;

}  // namespace gobench::detector::interpose
