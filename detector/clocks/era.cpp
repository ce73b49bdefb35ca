#include "detector/clocks/era.hpp"

#include "detector/clocks/node_pool.hpp"

namespace gobench::detector::era {

namespace {

// A raise of the floor costs every task up to this many of its values; asking for a portion costs a look at a word
// that all tasks share.
constexpr clock_value portion_size = 128;

constexpr std::uint64_t pack(clock_value floor, clock_value ceiling) {
  return std::uint64_t{floor} << 32 | ceiling;
}

constexpr clock_value beyond(clock_value value) {
  return value > max_clock_value - portion_size ? max_clock_value : value + portion_size;
}

}  // namespace

constinit std::atomic<std::uint64_t> floor_and_ceiling{pack(0, portion_size)};

void start_over() noexcept {
  floor_and_ceiling.store(pack(0, portion_size), std::memory_order_release);
}

// Acquire and release in both: who sees a floor sees all that was done by who raised it. Nothing else hangs on it:
// the order between a portion and a raise is that of the changes of the one word.
portion reserve(clock_value floor, clock_value wanted) noexcept {
  std::uint64_t word = floor_and_ceiling.load(std::memory_order_acquire);
  for (;;) {
    const auto present = static_cast<clock_value>(word >> 32);
    const auto ceiling = static_cast<clock_value>(word);
    if (present != floor || wanted <= ceiling) return {present, ceiling};
    const std::uint64_t next = pack(floor, beyond(wanted));
    if (floor_and_ceiling.compare_exchange_weak(word, next, std::memory_order_acq_rel,
                                                std::memory_order_acquire))
      return {floor, beyond(wanted)};
  }
}

clock_value raise(clock_value floor) noexcept {
  std::uint64_t word = floor_and_ceiling.load(std::memory_order_acquire);
  for (;;) {
    const auto present = static_cast<clock_value>(word >> 32);
    const auto ceiling = static_cast<clock_value>(word);
    if (present > floor || present == max_clock_value) return present;
    if (floor_and_ceiling.compare_exchange_weak(word, pack(ceiling, beyond(ceiling)),
                                                std::memory_order_acq_rel,
                                                std::memory_order_acquire)) {
      node_pool::note_reduction();
      return ceiling;
    }
  }
}

}  // namespace gobench::detector::era
