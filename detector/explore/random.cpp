// What the program gets for randomness of the system: the same in every schedule, so that one can be repeated from its
// decisions alone.
#include "detector/explore/explore.hpp"
#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {

std::uint64_t random_bits() noexcept {
  static constinit random_numbers numbers{1, 0};  // drawn from by whoever has the baton
  return numbers.next();
}

}  // namespace gobench::detector::explore
