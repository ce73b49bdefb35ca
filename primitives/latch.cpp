#include "primitives/latch.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

std::int64_t latch::checked(std::int64_t count) {
  if (count < 0 || count > primitives::countdown::most)
    throw misuse("a latch needs a count from 0 to 2^62");
  return count;
}

__attribute__((cold, noinline)) void latch::refused(std::int64_t k) {
  throw misuse(k < 0 ? "a latch cannot be counted up; pass a number that is not negative"
                     : "a latch was counted down below zero; count down only once for each");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
