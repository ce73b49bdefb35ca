// A gate that opens once, when it has been counted down.
//
//   gobench::latch ready(3);
//   for (int i = 0; i < 3; ++i) gobench::go([&] { prepare(); ready.count_down(); });
//   ready.wait();
//
// Invariants: those of primitives/internal/countdown.hpp; the count never grows.
#pragma once

#include <cstdint>

#include "primitives/internal/countdown.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {
class awaited_latch;
}

// The standard's std::latch. Every method may be called from fibers, task threads and OS threads
// that the runtime did not start, mixed. Each count_down() happens before the return of every
// wait(). The destructor may run as soon as every wait() has returned, also while the last
// count_down() is still on its way out.
class latch {
 public:
  // Throws misuse for a negative count.
  explicit latch(std::int64_t count) : count_(checked(count)) {}
  latch(const latch&) = delete;
  latch& operator=(const latch&) = delete;

  // Takes k from the count; zero opens the gate. Throws misuse, and changes nothing, when k is
  // negative or more than the count.
  void count_down(std::int64_t k = 1) {
    GOBENCH_OPERATION(signal, this);
    GOBENCH_HOOK(release_merge(this));
    if (k < 0 || count_.add(-k) != primitives::countdown::change::done) [[unlikely]]
      refused(k);
  }

  // Whether the gate is open. A failure orders nothing.
  bool try_wait() const noexcept {
    GOBENCH_OPERATION(try_lock, this);
    if (!count_.zero()) return false;
    GOBENCH_HOOK(acquire(this));
    return true;
  }

  // Waits until the gate is open.
  void wait() {
    GOBENCH_OPERATION(wait, this);
    count_.wait({runtime::wait_reason::latch, this});
    GOBENCH_HOOK(acquire(this));
  }

  void arrive_and_wait(std::int64_t k = 1) {
    count_down(k);
    wait();
  }

 private:
  static std::int64_t checked(std::int64_t count);
  [[noreturn]] static void refused(std::int64_t k);

  friend class primitives::awaited_latch;
  primitives::countdown count_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
