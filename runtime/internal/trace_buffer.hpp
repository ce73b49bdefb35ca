// Events of a trace on their way from the thread that has seen them to the one that writes them.
//
// Invariants
//  - [tail_, head_) of the ring is full. head_ is the producer's, tail_ the consumer's; both only grow.
//  - Everything else is the producer's but dropped().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace {

// Where an event is shown: processor n is track n, and these.
inline constexpr std::int32_t outside_track = -1;            // threads that carry no task
inline constexpr std::int32_t first_thread_track = 100'000;  // and the number of a task

enum class event_kind : std::uint8_t { ran, spawned, woke, stole, idle, blocked, handed_off };

// Why a run of a task on its processor has ended.
enum class run_end : std::uint8_t { parked, yielded, finished, blocks, moved };

struct event {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;       // of what lasts
  std::uint64_t task = 0;        // ran, blocked: who; spawned, woke: whom
  const char* file = nullptr;    // where that task was spawned
  const void* object = nullptr;  // what it waits for
  std::uint64_t flow = 0;        // spawned, woke: the arrow that begins here; ran: that ends here
  std::uint32_t line = 0;
  std::uint32_t number = 0;  // stole: how many
  std::int32_t track = 0;
  event_kind what = event_kind::ran;
  run_end end = run_end::parked;
  wait_reason reason = wait_reason::none;
  std::uint8_t unused = 0;
};
static_assert(sizeof(event) == 64, "one cache line an event");

class buffer {
 public:
  static constexpr std::size_t capacity = 16384;  // a power of two; 1 MiB

  // Throws std::bad_alloc. Never destroyed: a thread that is left behind may still look at it.
  explicit buffer(std::uint64_t number)
      : number_(number), ring_(static_cast<event*>(::operator new(capacity * sizeof(event)))) {}
  buffer(const buffer&) = delete;
  buffer& operator=(const buffer&) = delete;

  // --- the producer's ---
  // True when the consumer should be woken: the buffer has just become half full.
  bool push(const event& one) noexcept {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    // Acquire pairs with the release in drain(): what is overwritten has been read.
    const std::uint64_t used = head - tail_.load(std::memory_order_acquire);
    if (used >= capacity) {
      dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return false;
    }
    ring_[head % capacity] = one;
    // Release publishes the event to drain().
    head_.store(head + 1, std::memory_order_release);
    return used + 1 == capacity / 2;
  }
  // Of an arrow: unlike all others of the process.
  std::uint64_t new_flow() noexcept { return number_ << 40U | ++flows_; }

  bool running = false;       // a task is on the processor since
  std::int64_t since_ns = 0;  // then
  std::uint64_t flow_in = 0;  // the arrow that led to it
  std::int64_t blocks_since_ns = 0;
  std::int64_t finishing_ns = 0;  // a task ended then, and whoever waits for it is being woken

  // --- the consumer's ---
  template <class Visit>
  void drain(Visit visit) {
    const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
    // Acquire pairs with the release in push().
    const std::uint64_t head = head_.load(std::memory_order_acquire);
    for (std::uint64_t at = tail; at != head; ++at) visit(ring_[at % capacity]);
    tail_.store(head, std::memory_order_release);
  }
  std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

  buffer* next_free = nullptr;  // under the recorder's lock

 private:
  const std::uint64_t number_;
  std::uint64_t flows_ = 0;
  // Untouched pages of a ring cost no memory: a task thread that sees little happen takes little.
  event* const ring_;
  alignas(64) std::atomic<std::uint64_t> head_{0};
  std::atomic<std::uint64_t> dropped_{0};
  alignas(64) std::atomic<std::uint64_t> tail_{0};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace
