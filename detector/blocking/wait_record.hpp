// What one task waits for at the moment: written by the task itself, read by whoever looks for deadlocks.
//
// Invariants
//  - `turn` is odd exactly while the task waits, and a new wait has a new one. A reader takes it before and after the
//    other members; what it read counts if it was the same odd number both times (a sequence lock with one writer).
//  - The record says that the task waits from before the blocking call until after it. So a task whose record says so
//    may have been served already and only not have noticed; what makes a finding of it certain is said where one is
//    made (cycles.cpp, standstill.cpp).
#pragma once

#include <atomic>
#include <cstdint>

#include "detector/engine/depot.hpp"

namespace gobench::detector::blocking {

enum class wait_kind : std::uint8_t {
  none,
  mutex,  // also every other lock that is held exclusively: spin locks, and those of the library
  read_lock,  // `object` is a lock too
  write_lock,
  condition,
  semaphore,
  barrier,
  once,
  join,  // `object`: of a pthread the task_state, of the library's task its control block
  send,  // channels of the library
  receive,
  nil_channel,
  select,
  wait_group,
  latch,
  event,
  sleep,
  descriptor,  // `object` is its number
};

struct wait_record {
  std::atomic<std::uint32_t> turn{0};
  std::atomic<wait_kind> kind{wait_kind::none};
  std::atomic<bool> timed{false};  // it ends by itself at some time
  std::atomic<stack_id> where{0};
  std::atomic<address> object{0};
  std::atomic<std::int64_t> since_ns{0};  // CLOCK_MONOTONIC
};

// What a reader has seen of it.
struct wait_seen {
  std::uint32_t turn = 0;  // 0: the task does not wait
  wait_kind kind = wait_kind::none;
  bool timed = false;
  stack_id where = 0;
  address object = 0;
  std::int64_t since_ns = 0;
};

// Does not wait if the record changes meanwhile: then the task is about to wait, or to go on.
inline wait_seen look_at(const wait_record& record) noexcept {
  // Acquire pairs with the release in wait_begins(); the acquire loads of the members keep them before the second one.
  const std::uint32_t turn = record.turn.load(std::memory_order_acquire);
  if ((turn & 1) == 0) return {};
  const wait_seen seen{turn,
                       record.kind.load(std::memory_order_acquire),
                       record.timed.load(std::memory_order_acquire),
                       record.where.load(std::memory_order_acquire),
                       record.object.load(std::memory_order_acquire),
                       record.since_ns.load(std::memory_order_acquire)};
  return record.turn.load(std::memory_order_relaxed) == turn ? seen : wait_seen{};
}

}  // namespace gobench::detector::blocking
