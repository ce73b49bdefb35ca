// A read-write lock for fibers and OS threads alike: many readers or one writer.
//
//   gobench::shared_mutex m;
//   std::map<int, int> table;
//   {
//     const std::shared_lock reading(m);    // or m.lock_shared() ... m.unlock_shared()
//     table.count(7);
//   }
//   {
//     const std::scoped_lock writing(m);    // or m.lock() ... m.unlock()
//     table[7] = 1;
//   }
//
// Invariants
//  - The state word decides who holds the lock; the bits are in the table below (WRITER is
//    writer_bit in the code, and so on; READER is one_reader). "Free" means that neither WRITER nor
//    a reader is in it.
//  - WRITERS is set exactly while the queue of writers is not empty, READERS exactly while that of
//    readers is not; bits and queues change only under queue_lock_.
//  - The rule against lost wake-ups: a lock that is free and has anybody waiting has WOKEN set, and
//    WOKEN belongs to exactly one writer who is awake inside lock().
//  - Readers wait only while WRITER or BARRED holds them back.
//
//   bit      means                                    set by                  cleared by
//   WRITER   a writer holds the lock                  whoever takes it        its unlock
//   WRITERS  writers are queued                       a writer that queues,   who empties the
//                                                     while not free          queue
//   READERS  readers are queued                       a reader that queues,   who empties the
//                                                     while held back         queue
//   BARRED   a writer has found readers inside: no    that writer as it       the next writer that
//            new ones may enter before it             queues                  takes the lock; the
//                                                                             last that gives up
//   WOKEN    one writer is awake inside lock() and    a release that wakes a  that writer, in a
//            will take the lock or queue              writer                  step that leaves the
//                                                                             lock not free
//   STARVED  the first writer in the queue has        that writer as it       the release that
//            waited for more than 1 ms: the next      queues again, while     hands the lock over;
//            release that would free the lock gives   not free                that writer as it
//            it to that writer                                                gives up
//   SLOTS    readers count themselves in slots,       a reader that holds     the first writer that
//            one for each CPU                         the lock                comes, before anything
//   the rest counts the readers that hold the lock, in units of READER
//   WRITER excludes readers and BARRED; STARVED implies WRITERS and excludes WOKEN; READERS implies
//   WRITER or BARRED; BARRED implies WRITERS or WOKEN; SLOTS excludes every other bit.
//
// Slots. Readers on several CPUs get into each other's way at the state word although the lock lets
// them all in: its cache line goes from one to the other twice for each of them. When that has happened
// some times, readers move to reader_slots: a count for each CPU on a cache line of its own.
//  - The number of readers is the count in the state word plus those of all slots. One slot alone may
//    be negative, for a reader may leave on another CPU than it came on.
//  - While SLOTS is set the state word counts shared_by_slots readers more than there are. So the lock is not
//    free to anybody who does not know of slots, however many leave through the state word.
//  - A closed slot counts nothing and is never changed: whoever finds it closed goes to the state
//    word. Slots are closed exactly while SLOTS is not set, apart from the steps of opening (by a reader
//    that holds the lock) and closing (by a writer that does not), both under queue_lock_.
//  - Closing takes each slot's count with one exchange, then adds all of them to the state word in the step
//    that clears SLOTS. From then on the lock is as if there had never been slots.
//  - Who leaves a slot touches nothing of the lock afterwards, as with the state word.
// A write costs more when it finds slots: a cache line for each CPU. So slots that were closed again
// soon take more collisions of readers to be opened the next time.
//
// Who comes next (phase-fair: neither side can starve the other):
//  - a writer's unlock lets in all readers that wait by then, and wakes the first writer that waits;
//  - from then on readers come and go until that writer, or a new one, is there and finds them inside:
//    it bars the way and waits for them to leave; the last reader wakes it;
//  - among writers the rules are those of mutex.hpp: a newcomer may be faster than the one that was
//    woken, but not for longer than 1 ms.
// That a writer bars the way only once it is awake is as in Go, and matters. The simpler rule, that
// whoever stands in the queue does, makes every task sleep for each of its turns after one contended
// moment: with 64 threads on 2 CPUs and a write in eight operations, 6 us instead of 20 ns each.
//
// Source: slots that readers use while no writer comes are the idea of D. Dice and A. Kogan, "BRAVO - Biased
// Locking for Reader-Writer Locks" (2019). There a slot names the lock and belongs to a thread, which a
// fiber may have left by the time it unlocks; counts that may be negative do without owners. And
// there a writer looks at a table for all locks, here at slots of its own. The phases are those of B. Brandenburg and J. Anderson, "Spin-Based Reader-Writer
// Synchronization for Multiprocessor Real-Time Systems" (2010) and of Go's sync/rwmutex.go. Go's
// protocol itself was rejected because a writer cannot leave it (no timed forms): it has
// announced itself to the readers by then.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "primitives/internal/deadline.hpp"
#include "primitives/internal/guess.hpp"
#include "primitives/internal/reader_slots.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Meets the standard's SharedTimedLockable. Every method may be called from fibers, task threads
// and OS threads that the runtime did not start, mixed. Happens-before as in Go: a writer's unlock
// before every later lock and lock_shared, a reader's unlock_shared before every later lock,
// readers among themselves not at all. Not recursive, also not for readers: a second lock_shared by
// one task blocks for ever once a writer waits in between. Preconditions of the destructor: see
// mutex.
class shared_mutex {
 public:
  constexpr shared_mutex() noexcept = default;
  GOBENCH_LOCK_DESTRUCTOR(shared_mutex)
  shared_mutex(const shared_mutex&) = delete;
  shared_mutex& operator=(const shared_mutex&) = delete;

  // Waits until the lock is ours alone. Throws nothing of the standard's kind.
  void lock() {
    GOBENCH_OPERATION(lock, this);
    std::uint32_t seen = 0;
    // Acquire pairs with the releases in unlock(), unlock_shared() and release_slow().
    if (!state_.compare_exchange_strong(seen, writer_bit, std::memory_order_acquire,
                                        std::memory_order_relaxed)) [[unlikely]]
      lock_slow(runtime::no_deadline);
    locked();
  }

  // Takes the lock if it is free. A failure orders nothing.
  bool try_lock() noexcept {
    GOBENCH_OPERATION(try_lock, this);
    // Relaxed: only a guess, which the exchange verifies.
    std::uint32_t seen = state_.load(std::memory_order_relaxed);
    if ((seen & slots_bit) != 0) [[unlikely]]
      seen = close_slots();
    while (is_free(seen)) {
      // Acquire as in lock().
      if (state_.compare_exchange_weak(seen, taken(seen), std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        locked();
        return true;
      }
    }
    return false;
  }

  // Waits until the lock is ours or the time is over; returns whether it is ours. Readers that were
  // held back by a writer that gives up are let in.
  template <class Rep, class Period>
  bool try_lock_for(std::chrono::duration<Rep, Period> d) {
    return try_lock() || lock_before(runtime::deadline_after(d));
  }
  template <class Clock, class Duration>
  bool try_lock_until(std::chrono::time_point<Clock, Duration> when) {
    return try_lock() || primitives::attempt_until(
                             when, [&](steady_time deadline) { return lock_before(deadline); });
  }

  // Gives the lock up. Throws misuse when no writer holds it.
  void unlock() {
    GOBENCH_OPERATION(unlock, this);
    GOBENCH_HOOK(lock_released(this, instrument::lock_mode::exclusive));
    std::uint32_t seen = writer_bit;
    // Release pairs with the acquire of the next holder.
    if (!state_.compare_exchange_strong(seen, 0, std::memory_order_release,
                                        std::memory_order_relaxed)) [[unlikely]]
      release_slow(seen, writer_bit);
  }

  // Waits until the lock is ours beside other readers.
  void lock_shared() {
    GOBENCH_OPERATION(lock_shared, this);
    if (!enter_shared()) [[unlikely]]
      lock_shared_slow(runtime::no_deadline);
    locked_shared();
  }

  // Takes the lock beside other readers unless a writer holds it or waits for them to leave.
  bool try_lock_shared() noexcept {
    GOBENCH_OPERATION(try_lock, this);
    if (!enter_shared()) return false;
    locked_shared();
    return true;
  }

  // Waits until the lock is ours beside other readers or the time is over.
  template <class Rep, class Period>
  bool try_lock_shared_for(std::chrono::duration<Rep, Period> d) {
    return try_lock_shared() || lock_shared_before(runtime::deadline_after(d));
  }
  template <class Clock, class Duration>
  bool try_lock_shared_until(std::chrono::time_point<Clock, Duration> when) {
    return try_lock_shared() || primitives::attempt_until(when, [&](steady_time deadline) {
             return lock_shared_before(deadline);
           });
  }

  // Gives up a reader's hold. Throws misuse when no reader holds the lock; while readers use slots nobody
  // can tell, and the lock() that comes next throws instead.
  void unlock_shared() {
    GOBENCH_OPERATION(unlock_shared, this);
    GOBENCH_HOOK(lock_released(this, instrument::lock_mode::shared));
    // Acquire pairs with the release in open_slots().
    std::uint32_t seen = state_.load(std::memory_order_acquire);
    if ((seen & slots_bit) != 0 && slots_->leave()) return;
    if (seen == one_reader) {
      seen = primitives::guessed(one_reader);
      // Release as below.
      if (state_.compare_exchange_strong(seen, 0, std::memory_order_release,
                                         std::memory_order_relaxed)) [[likely]]
        return;
    }
    while (leaves_quietly(seen)) {
      // Release pairs with the acquire of the next writer, through all readers that leave after us.
      if (state_.compare_exchange_weak(seen, seen - one_reader, std::memory_order_release,
                                       std::memory_order_relaxed))
        return;
    }
    release_slow(seen, one_reader);
  }

 private:
  static constexpr std::uint32_t writer_bit = 1;
  static constexpr std::uint32_t writers_bit = 2;
  static constexpr std::uint32_t readers_bit = 4;
  static constexpr std::uint32_t barred_bit = 8;
  static constexpr std::uint32_t woken_bit = 16;
  static constexpr std::uint32_t starved_bit = 32;
  static constexpr std::uint32_t slots_bit = 64;
  static constexpr std::uint32_t one_reader = 128;
  // 2^24 readers at most: with SLOTS, so many leave through the state word, or come, before it matters.
  static constexpr std::uint32_t shared_by_slots = one_reader << 24U;
  static constexpr std::uint32_t holds_back_readers = writer_bit | barred_bit;
  static_assert(one_reader > (writer_bit | writers_bit | readers_bit | barred_bit | woken_bit |
                              starved_bit | slots_bit));

  static constexpr bool is_free(std::uint32_t state) noexcept {
    return (state & writer_bit) == 0 && state < one_reader;
  }
  // What a writer that takes the lock makes of the state. Readers need not be barred any more.
  static constexpr std::uint32_t taken(std::uint32_t state) noexcept {
    return (state | writer_bit) & ~barred_bit;
  }
  // Whether no writer has to be woken as the lock becomes free.
  static constexpr bool wakes_nobody(std::uint32_t state) noexcept {
    return (state & writers_bit) == 0 || (state & (woken_bit | starved_bit)) == woken_bit;
  }
  // Whether a reader, or the writer, may leave this state without waking anybody.
  static constexpr bool leaves_quietly(std::uint32_t state) noexcept {
    return state >= 2 * one_reader || (state >= one_reader && wakes_nobody(state));
  }
  static constexpr bool writer_leaves_quietly(std::uint32_t state) noexcept {
    return (state & (writer_bit | readers_bit)) == writer_bit && wakes_nobody(state);
  }

  bool enter_shared() noexcept {
    // Only a guess, which the exchange verifies. Acquire pairs with the release in open_slots().
    std::uint32_t seen = state_.load(std::memory_order_acquire);
    if ((seen & slots_bit) != 0) {
      if (slots_->enter()) return true;
    } else if (seen == 0) {
      // Acquire as below.
      seen = primitives::guessed(std::uint32_t{0});
      if (state_.compare_exchange_strong(seen, one_reader, std::memory_order_acquire,
                                         std::memory_order_relaxed)) [[likely]]
        return true;
    } else if ((seen & holds_back_readers) == 0) {
      // Acquire pairs with the release of the last writer's unlock.
      if (state_.compare_exchange_weak(seen, seen + one_reader, std::memory_order_acquire,
                                       std::memory_order_relaxed)) [[likely]]
        return true;
    }
    return enter_beside_others();
  }
  bool lock_before(steady_time deadline) {
    GOBENCH_OPERATION(lock, this);
    if (primitives::passed(deadline) || !lock_slow(deadline)) return false;
    locked();
    return true;
  }
  bool lock_shared_before(steady_time deadline) {
    GOBENCH_OPERATION(lock_shared, this);
    if (primitives::passed(deadline) || !lock_shared_slow(deadline)) return false;
    locked_shared();
    return true;
  }

  void locked() noexcept { GOBENCH_HOOK(lock_acquired(this, instrument::lock_mode::exclusive)); }
  void locked_shared() noexcept {
    GOBENCH_HOOK(lock_acquired(this, instrument::lock_mode::shared));
  }

  friend struct shared_mutex_probe;  // tests open the slots without waiting for collisions

  // A reader that found others at the state word, or closed slots; false when it is held back.
  bool enter_beside_others() noexcept;
  void open_slots() noexcept;
  // Returns the state as it is then, without SLOTS. Tells whether more readers had left than had come.
  std::uint32_t close_slots(bool* overdrawn = nullptr) noexcept;
  // Both return whether the lock is ours; always true without a deadline.
  bool lock_slow(steady_time deadline);
  bool lock_shared_slow(steady_time deadline);
  // Takes `unit` (WRITER or READER) out of the state and lets in or wakes whose turn it is.
  void release_slow(std::uint32_t seen, std::uint32_t unit);
  // Takes all waiting readers out of their queue; under queue_lock_, after the state has counted
  // them.
  void claim_readers(primitives::claimed_list& admitted) noexcept;

  std::atomic<std::uint32_t> state_{0};
  runtime::spin_lock queue_lock_;
  // Collisions of readers since slots were last closed, and how many open them: see shared_mutex.cpp.
  std::atomic<std::uint32_t> collisions_{0};
  std::atomic<std::uint32_t> opens_after_{16};
  std::uint32_t readers_waiting_ = 0;  // length of readers_
  primitives::wait_queue readers_;
  primitives::wait_queue writers_;
  // Made by the first reader that opens them, under queue_lock_, before SLOTS is set; never replaced.
  primitives::slots_pointer slots_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
