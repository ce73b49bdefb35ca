// Cheap random numbers for scheduling decisions and for select; not for cryptography.
#pragma once

#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014): one
// add and a mix per number, any seed will do.
class random_source {
 public:
  explicit random_source(std::uint64_t seed = 0) noexcept : state_(seed) {}

  std::uint64_t next() noexcept {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // Uniform in [0, bound); bound > 0 (Lemire: Fast random integer generation in an interval, 2019,
  // without the rejection step: the bias is below bound / 2^32).
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }

 private:
  std::uint64_t state_;
};

// The source of the processor that the caller runs on (seeded from options::seed), or of the calling
// thread. The reference is valid until the caller parks or yields.
random_source& this_random() noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
