// Stacks as the suites about them see them.
#pragma once

#include <pthread.h>

#include <cstdint>
#include <gobench.hpp>
#include <stdexcept>
#include <string>

#include "runtime/internal/worker.hpp"

namespace gobench::suites {

// The lowest byte, and one past the highest.
struct stack_bounds {
  std::uintptr_t low = 0;
  std::uintptr_t top = 0;
};

// Of the stack on which the caller runs, a fiber's or a thread's.
inline stack_bounds stack_here() {
  if (const runtime::worker* here = runtime::this_worker(); here != nullptr) {
    const runtime::stack& mine = *here->running()->lent;
    return {reinterpret_cast<std::uintptr_t>(mine.low), reinterpret_cast<std::uintptr_t>(mine.top)};
  }
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return {};
  void* low = nullptr;
  std::size_t size = 0;
  ::pthread_attr_getstack(&attributes, &low, &size);
  ::pthread_attr_destroy(&attributes);
  const auto at = reinterpret_cast<std::uintptr_t>(low);
  return {at, at + size};
}

// Of the word in a parameter.
inline stack_strategy strategy_of(const std::string& word) {
  if (word == "lazy") return stack_strategy::lazy;
  if (word == "pooled") return stack_strategy::pooled;
  if (word == "fixed") return stack_strategy::fixed;
  throw std::logic_error("no stack strategy is called " + word);
}

}  // namespace gobench::suites
