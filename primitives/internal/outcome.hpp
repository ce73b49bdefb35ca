// From what an attempt at a descriptor came to, to what users see.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/descriptor.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// Throws what describes it: closed_error, timeout_error or std::system_error. Not for `done`.
[[noreturn]] void throw_outcome(const runtime::io_outcome& made, const std::string& doing);

// The value of what was done; throws otherwise. describe() makes the sentence's beginning, only when it is needed.
template <class Describe>
std::int64_t value_of(const runtime::io_outcome& made, Describe describe) {
  if (made.how != runtime::io_outcome::kind::done) [[unlikely]]
    throw_outcome(made, describe());
  return made.value;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
