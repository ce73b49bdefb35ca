// The slow paths of shared_mutex. The bits of the state word are in shared_mutex.hpp.
//
// Why no wake-up is lost. The rule "free and somebody waits implies WOKEN" is kept by every step:
//  - a waiter only queues by an exchange that sees the lock not free (writers) or readers held back
//    (readers); whoever releases it later sees the bit and comes to release_slow;
//  - a release frees the lock only if no writer waits, or WOKEN is set, or it sets WOKEN as it
//    takes the first writer out of the queue. Readers never wait alone: what held them back is a
//    writer that holds the lock, or that has barred the way and waits or was woken, and
//      - a writer's unlock lets them in,
//      - a writer that gives up and was the last to wait lets them in (give_up),
//      - a woken writer takes the lock or queues, and then one of the two happens;
//  - WOKEN is only cleared by its owner as it takes the lock, or as it queues while the lock is not
//    free; a writer gives up only from within the queue, where it does not own WOKEN.
// Readers are always let in by whoever releases; writers compete as in mutex.cpp. While SLOTS is set nobody
// waits: a writer closes the slots before it does anything else, and they are opened only where no bit tells
// of a writer. A writer that spins has left no bit; it looks again and closes them again.
//
// Why the lock may be destroyed when the last holder has let go: as for mutex. A last reader that
// has to wake somebody takes queue_lock_ before it leaves, so a writer that gives up meanwhile, and
// needs that lock for it, cannot be gone too early.
#include "primitives/shared_mutex.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>

#include "primitives/internal/spinning.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace {

using primitives::wait_node;
using primitives::wait_outcome;

// Values of wait_node::kind of a writer.
constexpr std::uint8_t woken_to_compete = 0;
constexpr std::uint8_t handed_over = 1;

// Slots are opened after so many collisions of readers, ...
constexpr std::uint32_t fewest_collisions = 16;
// ... four times as many, up to this, each time that they were closed within so short a time.
constexpr std::uint32_t most_collisions = 1U << 16U;
constexpr std::int64_t short_use_ns = 100'000;

std::int64_t steady_ns() noexcept {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

}  // namespace

__attribute__((noinline)) bool shared_mutex::enter_beside_others() noexcept {
  bool collided = false;
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  // Also with SLOTS: who found a slot closed counts here, and whoever closes them adds it up.
  while ((seen & holds_back_readers) == 0) {
    // Acquire pairs with the release of the last writer's unlock.
    if (state_.compare_exchange_weak(seen, seen + one_reader, std::memory_order_acquire,
                                     std::memory_order_relaxed)) {
      // Relaxed: a count for the policy; one that is lost changes nothing.
      if (collided && (seen & slots_bit) == 0) {
        const std::uint32_t n = collisions_.load(std::memory_order_relaxed) + 1;
        collisions_.store(n, std::memory_order_relaxed);
        if (n >= opens_after_.load(std::memory_order_relaxed)) open_slots();
      }
      return true;
    }
    collided = true;
  }
  return false;
}

// Precondition: the caller holds the lock as a reader.
void shared_mutex::open_slots() noexcept {
  collisions_.store(0, std::memory_order_relaxed);
  std::unique_ptr<primitives::reader_slots> made;
  if (!slots_ && !(made = primitives::reader_slots::make())) return;
  const std::scoped_lock held(queue_lock_);
  // Under queue_lock_, and because we hold the lock, no bit but WOKEN and STARVED can appear or go.
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  if (seen % one_reader != 0) return;  // somebody else has opened them, or a writer is about
  if (!slots_) slots_.set(std::move(made));
  slots_->opened_at_ns = steady_ns();
  slots_->open_all();
  // Release pairs with the acquire of those who look for SLOTS: they find the slots made.
  state_.fetch_add(slots_bit + shared_by_slots, std::memory_order_release);
}

__attribute__((noinline)) std::uint32_t shared_mutex::close_slots(bool* overdrawn) noexcept {
  const std::scoped_lock held(queue_lock_);
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  if ((seen & slots_bit) == 0) return seen;
  const std::int64_t by_slots = slots_->close_all();
  std::uint32_t wanted = 0;
  std::int64_t inside = 0;
  do {
    inside = by_slots + std::int64_t{seen / one_reader} - shared_by_slots / one_reader;
    wanted = static_cast<std::uint32_t>(std::max<std::int64_t>(inside, 0)) * one_reader;
    // Release pairs with the acquire of the writer that takes the lock: it sees those who left slots.
  } while (!state_.compare_exchange_weak(seen, wanted, std::memory_order_release,
                                         std::memory_order_relaxed));
  if (overdrawn != nullptr) *overdrawn = inside < 0;
  // Relaxed: see enter_beside_others().
  collisions_.store(0, std::memory_order_relaxed);
  const bool soon = steady_ns() - slots_->opened_at_ns < short_use_ns;
  const std::uint32_t after = opens_after_.load(std::memory_order_relaxed);
  opens_after_.store(soon ? std::min(4 * after, most_collisions) : fewest_collisions,
                     std::memory_order_relaxed);
  return wanted;
}

void shared_mutex::claim_readers(primitives::claimed_list& admitted) noexcept {
  while (wait_node* node = readers_.pop_front()) admitted.add(*node);
  readers_waiting_ = 0;
}

__attribute__((noinline)) bool shared_mutex::lock_slow(steady_time deadline) {
  if (deadline == runtime::no_deadline)
    GOBENCH_HOOK(lock_waited_for(this, instrument::lock_mode::exclusive));
  runtime::waiter& self = runtime::this_waiter();  // first: it may throw
  bool own_woken = false;
  bool starved = false;
  steady_time waiting_since{};  // the epoch: has not waited yet
  primitives::spin_budget spins;
  primitives::gap_budget looks;

  // Relaxed: what we base a decision on is verified by an exchange.
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & slots_bit) != 0) {
      bool overdrawn = false;
      seen = close_slots(&overdrawn);
      if (overdrawn) {
        throw misuse(
            "unlock_shared of a shared_mutex was called more often than lock_shared; pair them, or "
            "use std::shared_lock");
      }
    }
    const std::uint32_t not_woken = own_woken ? ~woken_bit : ~0U;
    if (is_free(seen)) {
      // Acquire pairs with the releases in unlock(), unlock_shared() and release_slow().
      if (state_.compare_exchange_weak(seen, taken(seen) & not_woken, std::memory_order_acquire,
                                       std::memory_order_relaxed))
        return true;
      continue;
    }
    // Readers that are barred leave soon or not at all; there is no use in a crowd that watches them.
    if ((seen & (starved_bit | barred_bit)) == 0) {
      const bool beside_readers = (seen & writer_bit) == 0;
      if (beside_readers ? looks.left() : spins.left()) {
        if (beside_readers) {
          looks.spend();
        } else {
          spins.spend();
        }
        seen = state_.load(std::memory_order_relaxed);
        continue;
      }
    }

    wait_node node(self);
    std::unique_lock held(queue_lock_);
    // Queue, unless the lock has been freed meanwhile. Relaxed: a release that sees the new bits
    // takes queue_lock_, which shows it the queue. Nobody opens slots while we hold that.
    seen = state_.load(std::memory_order_relaxed);
    if ((seen & slots_bit) != 0) continue;
    while (!is_free(seen)) {
      const std::uint32_t bits =
          writers_bit | (starved ? starved_bit : 0U) | ((seen & writer_bit) == 0 ? barred_bit : 0U);
      if (state_.compare_exchange_weak(seen, (seen | bits) & not_woken, std::memory_order_relaxed,
                                       std::memory_order_relaxed))
        break;
    }
    if (is_free(seen)) continue;
    own_woken = false;
    if (waiting_since == steady_time{}) {
      waiting_since = std::chrono::steady_clock::now();
      writers_.push_back(node);
    } else {
      writers_.push_front(node);
    }
    primitives::claimed_list admitted;
    const auto give_up = [&] {
      const std::uint32_t gone =
          (writers_.empty() ? writers_bit : 0U) | (starved ? starved_bit : 0U);
      std::uint32_t now = state_.load(std::memory_order_relaxed);
      for (;;) {
        std::uint32_t wanted = now & ~gone;
        if ((wanted & (writers_bit | woken_bit)) == 0) wanted &= ~barred_bit;
        const bool admit = (wanted & readers_bit) != 0 && (wanted & holds_back_readers) == 0;
        if (admit) wanted = (wanted & ~readers_bit) + readers_waiting_ * one_reader;
        // Acquire pairs with the release of the last writer's unlock, on behalf of the readers that
        // grant() lets in.
        if (!state_.compare_exchange_weak(now, wanted, std::memory_order_acquire,
                                          std::memory_order_relaxed))
          continue;
        if (admit) claim_readers(admitted);
        return;
      }
    };
    const wait_outcome outcome = primitives::wait_granted(
        writers_, node, held, {runtime::wait_reason::shared_mutex_write, this}, deadline, give_up);
    admitted.grant_all();
    switch (outcome) {
      case wait_outcome::granted:
        break;
      case wait_outcome::timed_out:
        return false;
      case wait_outcome::ended:
        runtime::throw_ended();
    }
    if (node.kind == handed_over) return true;
    own_woken = true;
    starved =
        starved || std::chrono::steady_clock::now() - waiting_since > primitives::starved_after;
    spins.refill();
    looks.refill();
    seen = state_.load(std::memory_order_relaxed);
  }
}

__attribute__((noinline)) bool shared_mutex::lock_shared_slow(steady_time deadline) {
  if (deadline == runtime::no_deadline)
    GOBENCH_HOOK(lock_waited_for(this, instrument::lock_mode::shared));
  primitives::spin_budget spins;
  // Not behind a writer that has barred the way: it may be a fiber that cannot run while we spin.
  while (spins.left() &&
         (state_.load(std::memory_order_relaxed) & (barred_bit | readers_bit)) == 0) {
    spins.spend();
    if (enter_shared()) return true;
  }
  wait_node node(runtime::this_waiter());
  std::unique_lock held(queue_lock_);
  std::uint32_t seen = state_.load(std::memory_order_relaxed);
  for (;;) {
    if ((seen & holds_back_readers) == 0) {
      // Acquire pairs with the release of the last writer's unlock.
      if (state_.compare_exchange_weak(seen, seen + one_reader, std::memory_order_acquire,
                                       std::memory_order_relaxed))
        return true;
    } else if (state_.compare_exchange_weak(seen, seen | readers_bit, std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
      // Relaxed: a release that sees READERS takes queue_lock_, which shows it the queue.
      break;
    }
  }
  readers_.push_back(node);
  ++readers_waiting_;
  const wait_outcome outcome = primitives::wait_granted(
      readers_, node, held, {runtime::wait_reason::shared_mutex_read, this}, deadline, [&] {
        // Relaxed: READERS changes under queue_lock_ only.
        if (--readers_waiting_ == 0) state_.fetch_and(~readers_bit, std::memory_order_relaxed);
      });
  if (outcome == wait_outcome::ended) runtime::throw_ended();
  return outcome == wait_outcome::granted;
}

__attribute__((noinline)) void shared_mutex::release_slow(std::uint32_t seen, std::uint32_t unit) {
  const bool writer = unit == writer_bit;
  const auto quietly = [writer](std::uint32_t state) {
    return writer ? writer_leaves_quietly(state) : leaves_quietly(state);
  };
  wait_node* next = nullptr;
  primitives::claimed_list admitted;
  for (bool done = false; !done;) {
    while (quietly(seen)) {
      // Release pairs with the acquire of the next holder.
      if (state_.compare_exchange_weak(seen, seen - unit, std::memory_order_release,
                                       std::memory_order_relaxed))
        return;
    }
    if (writer ? (seen & writer_bit) == 0 : seen < one_reader) {
      throw misuse(writer
                       ? "unlock of a shared_mutex that no writer holds; pair it with lock, or use "
                         "std::scoped_lock"
                       : "unlock_shared of a shared_mutex that no reader holds; pair it with "
                         "lock_shared, or use std::shared_lock");
    }
    const std::scoped_lock held(queue_lock_);
    bool admit = false;
    std::uint32_t wanted = 0;
    seen = state_.load(std::memory_order_relaxed);
    // Whoever there was to wake may have given up: then leave without queue_lock_, see the top of this file.
    while (!done && !quietly(seen)) {
      next = nullptr;
      wanted = seen - unit;
      admit = writer && (seen & readers_bit) != 0;
      if (admit) wanted = (wanted & ~readers_bit) + readers_waiting_ * one_reader;
      if ((seen & starved_bit) != 0) {
        if (is_free(wanted)) {
          next = writers_.front();
          wanted = taken(wanted) & ~starved_bit;
        } else {
          wanted |= barred_bit;
        }
      } else if ((writer || is_free(wanted)) && (seen & writers_bit) != 0 &&
                 (seen & woken_bit) == 0) {
        next = writers_.front();
        wanted |= woken_bit;
      }
      if (next != nullptr && next->next == nullptr) wanted &= ~writers_bit;
      // Release pairs with the acquire of the next holder. Acquire: who is let in through grant()
      // must also see what readers released who left before us.
      done = state_.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel,
                                          std::memory_order_relaxed);
    }
    if (!done) continue;
    if (admit) claim_readers(admitted);
    if (next != nullptr) {
      writers_.claim(*next);
      next->kind = (wanted & writer_bit) != 0 ? handed_over : woken_to_compete;
    }
  }
  // The writer first: what is readied last runs first, and the readers hold the lock already.
  if (next != nullptr) primitives::grant(*next);
  admitted.grant_all();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
