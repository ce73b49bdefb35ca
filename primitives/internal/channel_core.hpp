// The one untyped core of every channel: state, buffer, those who wait.
//
// Invariants, all under lock_ (as in Go's src/runtime/chan.go)
//  - Of senders_ and receivers_ at least one has nobody waiting, except when selects wait on an
//    unbuffered channel in both directions.
//  - size_ > 0: no receiver waits. size_ < capacity_: no sender waits.
//  - Once closed, for ever closed, and nobody waits.
//  - Whoever takes a partner out of a queue moves the value between the two stacks and wakes the partner after
//    the lock is dropped. That is sound because the partner's frame stays until deliver(), and keeps
//    the order, because a parked task has no other operation on the way. Values that go through the buffer
//    are moved under the lock, as the next one to take the lock may want that very cell.
//  - No user code runs under the lock but move constructors that cannot throw and destructors of what they
//    have moved from; see chan.hpp for what these may not do.
//
// status_ is written under the lock, by publish() before each unlock, and read without it
//   bit   name           set exactly when
//   0     receive_ready  a receive does not have to wait: a value, a waiting sender, or closed
//   1     send_ready     a send does not have to wait: room, a waiting receiver, or closed
//   2     closed         closed
//   3..   version        grows by one with each change of the bits above
// The ready bits may be set too often (a waiting select may have been served elsewhere), never too
// rarely. Two equal reads therefore mean that the bits had that value all the time between.
//
// How a failing operation gets away without the lock. try_send reads the status; if it is not ready, it issues
// a full barrier and reads it again; if it is still not ready, then it was so at the moment of the barrier, and
// the operation behaves as if it had happened then. Why the barrier, which costs as much as the lock: unlock()
// is a plain store, so a task's own earlier writes may still be on their way to the other CPUs. In
//     task 1: put(item); if (!wake.try_send(x)) it is awake already;    task 2: wake.recv(); look for items
// both could miss each other otherwise. On task 2's side the lock taken by whatever comes next orders its
// receive before its look: an atomic exchange on x86, an acquire after a release on ARMv8. What is saved over taking
// the lock is the write to a cache line that all pollers share. Go's fast path does with the two reads
// because its unlock is an atomic exchange.
//
// Rejected: a lock-free ring (its two compare-exchanges per item cost what the lock does, and parking,
// closing and select on top of it need a second protocol); a class per flavour with virtual functions
// (select works on all of them, in one loop).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "primitives/internal/channel_hooks.hpp"
#include "primitives/internal/channel_node.hpp"
#include "primitives/internal/channel_payload.hpp"
#include "primitives/internal/channel_segments.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

enum class channel_result : std::uint8_t {
  done,
  closed,     // for a receive: and drained
  not_ready,  // or: the deadline has passed
};

// Orders the caller's earlier writes before its later reads, for everybody.
void full_barrier() noexcept;

class alignas(64) channel_core {
 public:
  static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

  // With one reference. Throws std::length_error when such a buffer cannot exist, and std::bad_alloc.
  static channel_core* make_bounded(std::size_t capacity, const payload_operations& payload);
  static channel_core* make_unbounded(const payload_operations& payload);
  // Counting is no edge, so it is kept out of code that a detector may have instrumented.
  void retain() noexcept;
  void release() noexcept;

  channel_core(const channel_core&) = delete;
  channel_core& operator=(const channel_core&) = delete;

  // `from` points to an element to move from, `to` to room for one to construct. Only a send on an
  // unbounded channel may throw std::bad_alloc; then nothing has happened.
  channel_result try_send(void* from);
  channel_result try_recv(void* to);
  // These wait; they leave through throw_ended() when the run ends.
  channel_result send(void* from);
  channel_result recv(void* to);
  // d <= 0 does not wait.
  channel_result send_for(void* from, std::chrono::nanoseconds d);
  channel_result recv_for(void* to, std::chrono::nanoseconds d);

  // False if a try_send at this moment fails. See the top of this file.
  bool might_send() const noexcept { return might(send_ready); }
  bool might_recv() const noexcept { return might(receive_ready); }

  // Throws channel_error when closed already.
  void close();

  // Exact under the lock; without it, once true it stays so.
  bool is_closed() const noexcept {
    GOBENCH_INLINE_SCOPE();
    return (status(std::memory_order_relaxed) & closed_bit) != 0;
  }
  // Relaxed: a figure that may be old by the time the caller has it.
  std::size_t size() const noexcept {
    GOBENCH_INLINE_SCOPE();
    return size_.load(std::memory_order_relaxed);
  }
  std::size_t capacity() const noexcept {
    GOBENCH_INLINE_SCOPE();
    return capacity_;
  }

  // ---- for select, which works on several channels at once ----

  static constexpr std::uint64_t receive_ready = 1;
  static constexpr std::uint64_t send_ready = 2;
  static constexpr std::uint64_t closed_bit = 4;
  static constexpr std::uint64_t version_step = 8;

  // Acquire: pairs with nothing that is handed over; it keeps the reads of several words in their order.
  std::uint64_t status(std::memory_order order = std::memory_order_acquire) const noexcept {
    GOBENCH_INLINE_SCOPE();
    return status_.load(order);
  }

  // A completed step whose second half is to be done after the lock is dropped.
  struct match {
    channel_result result = channel_result::not_ready;
    bool direct = false;              // move the value between the partner and the caller
    channel_node* partner = nullptr;  // claimed
    channel_segments::segment* drained = nullptr;
  };

  // The one with the lock held, the other after unlock(); `element` is the same in both.
  match send_step(void* from) noexcept;
  void finish_send(const match& m, void* from) noexcept;
  match recv_step(void* to) noexcept;
  void finish_recv(const match& m, void* to) noexcept;

  // Takes, steps and finishes under the one lock; makes room in an unbounded channel first.
  channel_result send_now(void* from);
  channel_result recv_now(void* to) noexcept;

  // ---- waiting in halves, for coroutines ----

  // True when the caller's node stands in the queue now; else it is over, as `result` says.
  bool begin_send(parked_operation& operation, channel_node& node, void* from,
                  channel_result& result);
  bool begin_recv(parked_operation& operation, channel_node& node, void* to,
                  channel_result& result);
  // Once the waiter was woken or gives up. True when it is over: not_ready if it has given up.
  bool settle_send(parked_operation& operation, channel_node& node, runtime::park_result why,
                   channel_result& result) noexcept;
  bool settle_recv(parked_operation& operation, channel_node& node, runtime::park_result why,
                   channel_result& result) noexcept;

  void lock() noexcept {
    GOBENCH_INLINE_SCOPE();
    lock_.lock();
  }
  void unlock() noexcept {
    GOBENCH_INLINE_SCOPE();
    publish();
    lock_.unlock();
  }
  bool can_send() noexcept { return is_closed() || size() < capacity_ || receivers_.anybody(); }
  bool can_receive() noexcept { return size() != 0 || is_closed() || senders_.anybody(); }
  channel_queue& senders() noexcept { return senders_; }
  channel_queue& receivers() noexcept { return receivers_; }

 private:
  channel_core(std::size_t capacity, const payload_operations& payload,
               std::size_t stride) noexcept;
  ~channel_core() = default;

  bool might(std::uint64_t ready) const noexcept {
    GOBENCH_INLINE_SCOPE();
    if ((status() & ready) != 0) return true;
    full_barrier();
    return (status() & ready) != 0;
  }

  static channel_core* make(std::size_t capacity, std::size_t buffered,
                            const payload_operations& payload);
  static std::size_t stride_of(const payload_operations& payload) noexcept;
  static std::size_t buffer_offset(std::size_t alignment) noexcept;
  static std::size_t block_alignment(std::size_t alignment) noexcept;
  void destroy() noexcept;

  channel_result park_send(void* from, steady_time deadline);
  channel_result park_recv(void* to, steady_time deadline);
  channel_result wait(parked_operation& operation, channel_node& node, channel_queue& queue,
                      runtime::wait_reason reason, steady_time deadline);
  bool settle(parked_operation& operation, channel_node& node, channel_queue& queue,
              runtime::park_result why, channel_result& result) noexcept;
  bool leave(channel_node& node, channel_queue& queue) noexcept;
  channel_result send_unbounded(void* from);

  bool is_unbounded() const noexcept { return capacity_ == unbounded; }
  void publish() noexcept;

  void* cell(std::size_t i) const noexcept { return buffer_ + i * stride_; }
  std::size_t after(std::size_t i) const noexcept { return i + 1 == capacity_ ? 0 : i + 1; }
  channel_result send_locked(void* from);
  channel_result recv_locked(void* to) noexcept;
  void* open_cell() noexcept;
  void store_in_ring(void* from) noexcept;
  void take_from_ring(void* to) noexcept;
  void store(void* from) noexcept;
  channel_segments::segment* take(void* to) noexcept;

  bool bytes_only() const noexcept { return move_ == nullptr; }
  void move_element(void* to, void* from) const noexcept {
    if (move_ == nullptr) {
      copy_bytes(to, from, element_size_);
    } else {
      move_(to, from);
    }
  }
  void relocate_element(void* to, void* from) const noexcept {
    if (relocate_ == nullptr) {
      copy_bytes(to, from, element_size_);
    } else {
      relocate_(to, from);
    }
  }

  // What a send or receive through the buffer touches comes first, on one cache line with the lock.
  runtime::spin_lock lock_;
  [[no_unique_address]] channel_hooks hooks_;
  const std::size_t element_size_;
  std::atomic<std::uint64_t> status_;
  std::atomic<std::size_t> size_{0};  // values stored; written under the lock
  std::size_t limit_;                 // capacity_; 0 when closed or unbounded
  const std::size_t capacity_;
  std::size_t head_ = 0;  // the next position to receive from
  std::size_t tail_ = 0;  // the next position to send to
  std::byte* buffer_ = nullptr;
  const std::size_t stride_;
  channel_queue senders_;
  channel_queue receivers_;
  void (*const move_)(void*, void*) noexcept;
  void (*const relocate_)(void*, void*) noexcept;
  void (*const destroy_)(void*) noexcept;
  const std::size_t alignment_;
  channel_segments segments_;  // of an unbounded channel
  // Apart from the rest: handles come and go while others send.
  alignas(64) std::atomic<std::size_t> references_{1};
};

// Waits for ever: on a nil channel, or in a select without a case that could ever be ready.
[[noreturn]] void wait_for_ever(runtime::wait_reason reason);
// Waits on a nil channel until the time is over.
void wait_in_vain(runtime::wait_reason reason, std::chrono::nanoseconds d);

// The deadline of a wait that starts now; the largest duration means none.
steady_time channel_deadline(std::chrono::nanoseconds d);

// A duration of a user in nanoseconds, rounded up; what does not fit becomes the largest one.
template <class Rep, class Period>
std::chrono::nanoseconds whole_nanoseconds(std::chrono::duration<Rep, Period> d) {
  using std::chrono::nanoseconds;
  // Compared in floating point, where no duration overflows.
  const std::chrono::duration<double> seconds = d;
  if (seconds >= std::chrono::duration<double>(nanoseconds::max())) return nanoseconds::max();
  return d <= d.zero() ? nanoseconds::zero() : std::chrono::ceil<nanoseconds>(d);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
