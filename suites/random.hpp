// A stream of random numbers for each task, the same in every run with the same seed. The Go programs draw
// the same ones (suites/peers/go/locks.go).
#pragma once

#include <cstdint>

namespace gobench::suites {

// splitmix64, https://prng.di.unimi.it/splitmix64.c
class task_random {
 public:
  task_random(std::uint64_t seed, int task)
      : state_(seed + 0x9e3779b97f4a7c15U * (static_cast<std::uint64_t>(task) + 1)) {}

  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // 0 to 99.
  std::uint64_t percent() noexcept { return (next() >> 32U) * 100U >> 32U; }

 private:
  std::uint64_t state_;
};

}  // namespace gobench::suites
