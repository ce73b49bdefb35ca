// Who looks at epoll, and for whom.
//
// There are two instances, made when they are first needed.
//  - Fibers' descriptors are watched by the scheduler's workers, as in Go: a worker that runs dry looks before it
//    searches elsewhere; of those that have nothing to do, one sleeps in epoll_wait() instead of on its futex, and runs
//    itself what it finds; a busy worker looks now and then, and the watchdog when nobody else does
//    (internal/polling.cpp). So a request costs no hand-over between threads, and a program in which no fiber
//    waits for a descriptor pays a look at one word, once in 64 switches and whenever a worker runs dry.
//  - Threads' descriptors (task threads, and threads that the runtime did not start) are watched by a thread of
//    its own, started with the first of them: no worker may be there, and none would be woken for their sake.
// A descriptor may be in both.
//
// Invariants
//  - Edge-triggered, both directions at once. An edge goes to whoever harvests it, who tells the block.
//  - A worker that sleeps in epoll_wait() is woken by an event of its own (the kick), which is level-triggered and
//    reset by that worker only: others who look meanwhile leave it standing.
//  - guests() counts those who wait, from before they look for the last time until they are back.
// After a fork() the child makes instances of its own; those of the parent know nothing of what the child watches.
//
// Rejected: one instance for all: a kick, or the event of a fiber, then goes to the thread that cannot use it. A thread
// for all: each request of a fiber pays two switches of threads. poll(2) by each thread for itself: it
// is another way to wait beside park(), which neither the end of a run nor another deadline could end.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

struct poll_block;

// Waiters to be woken. What does not fit is woken at once.
struct ready_list {
  std::array<waiter*, 64> who;
  std::size_t count = 0;

  bool empty() const noexcept { return count == 0; }
  void add(waiter& one) noexcept {
    if (count == who.size()) {
      unpark(one);
    } else {
      who[count++] = &one;
    }
  }
};

// How many fibers wait for a descriptor.
inline std::atomic<int> fibers_at_descriptors{0};

class poller {
 public:
  static poller& of_workers();
  static poller& of_threads();
  static poller& of(const waiter& one);

  // One who waits, while it lives.
  class guest {
   public:
    explicit guest(poller& home) noexcept : home_(&home) { home_->count(1); }
    ~guest() { home_->count(-1); }
    guest(const guest&) = delete;
    guest& operator=(const guest&) = delete;

   private:
    poller* home_;
  };

  // Sees to it that the block hears of edges, beginning with what is ready now. Returns 0 or an error number.
  // Under the block's lock. Throws std::system_error when the thread cannot be started.
  int watch(poll_block& block);
  // Before the file is closed.
  static void forget(poll_block& block) noexcept;

  // Adds those whose descriptors have become ready. Waits for an event for at most timeout_ns: not at all for
  // 0, without end when negative. Who waits here is alone in that; it also returns after a kick or a signal.
  void harvest(ready_list& woken, std::int64_t timeout_ns) noexcept;
  // Ends the wait of the one in harvest(), or the next such wait.
  void kick() noexcept;

  bool is_made() const noexcept { return instance_.load(std::memory_order_acquire) != 0; }
  // When it was last looked at; steady clock.
  std::int64_t looked_at_ns() const noexcept {
    return looked_at_ns_.load(std::memory_order_relaxed);
  }

  // The kernel's number of the thread; 0 while there is none.
  static int thread_number() noexcept;

  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

 private:
  explicit poller(bool workers) noexcept : workers_(workers) {}
  static void* thread_main(void*);
  static void after_fork() noexcept;
  void count(int by) noexcept;
  int make() noexcept;
  void start_thread();
  int wait(void* events, int size, std::int64_t timeout_ns) const noexcept;

  const bool workers_;
  spin_lock making_;
  std::atomic<std::uint32_t> instance_{0};  // its number, from 1; 0 while it is not made
  int epoll_ = -1;
  int kick_ = -1;
  std::atomic<std::uint32_t> thread_{0};
  std::atomic<std::int64_t> looked_at_ns_{0};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
