// Guessing the old value of an atomic instead of waiting for it.
//
// After a locked instruction a load of the same word takes 4 ns more here, and a compare-exchange that is
// given what was loaded waits for it. Compared with the value that is nearly always there, and
// exchanged with that value as a constant, the load is only predicted and checked beside. The compiler knows that
// both are equal and would use the loaded one: hence this function.
#pragma once

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// `value`, of which the compiler does not know what it is equal to.
template <class T>
T guessed(T value) noexcept {
  asm("" : "+r"(value));
  return value;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
