// Waiting for a number of tasks to finish.
//
//   gobench::wait_group working;
//   for (int i = 0; i < 10; ++i) {
//     working.add();
//     gobench::go([&] { work(); working.done(); });
//   }
//   working.wait();
//
// Invariants: those of primitives/internal/countdown.hpp.
//
// Source: Go's sync/waitgroup.go. Where we deviate from it: a negative count is refused before it
// is stored, so that the group stays usable after the exception; and a count that comes back to
// zero takes its waiters out in the same step, so that of Go's three checks for an add beside a
// wait only the last is needed.
#pragma once

#include <cstdint>

#include "primitives/internal/countdown.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {
class awaited_wait_group;
}

// Every method may be called from fibers, task threads and OS threads that the runtime did not
// start, mixed. A done() happens before the return of every wait() that it lets through.
// Preconditions: an add() from zero is ordered before the wait() that is to see it; the group is
// used again only after every wait() has returned. The destructor may run as soon as the only
// wait() has returned, also while the last done() is still on its way out.
class wait_group {
 public:
  constexpr wait_group() noexcept = default;
  wait_group(const wait_group&) = delete;
  wait_group& operator=(const wait_group&) = delete;

  // Adds n, which may be negative, to the count; zero lets all waiters go. Throws misuse, and
  // changes nothing, when the count would become negative or exceed 2^62.
  void add(std::int64_t n = 1) {
    GOBENCH_OPERATION(signal, this);
    if (n < 0) GOBENCH_HOOK(release_merge(this));
    const auto change = count_.add(n);
    if (change != primitives::countdown::change::done) [[unlikely]]
      refused(change);
  }
  // Same as add(-1).
  void done() { add(-1); }

  // Waits until the count is zero. Throws misuse when it sees that the group was used again before
  // this wait had returned.
  void wait() {
    GOBENCH_OPERATION(wait, this);
    if (!count_.zero()) count_.wait({runtime::wait_reason::wait_group, this});
    waited();
  }

 private:
  friend class primitives::awaited_wait_group;
  [[noreturn]] static void refused(primitives::countdown::change why);
  [[noreturn]] static void reused();
  void waited() const {
    if (!count_.zero()) [[unlikely]]
      reused();
    GOBENCH_HOOK(acquire(this));
  }

  primitives::countdown count_{0};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
