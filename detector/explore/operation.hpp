// What a thread under exploration is about to do.
#pragma once

#include <cstdint>

namespace gobench::detector::explore {

enum class operation : std::uint8_t {
  thread_create,
  thread_start,
  thread_end,
  join,
  lock,
  try_lock,
  unlock,
  lock_shared,
  unlock_shared,
  wait,
  wake,
  signal,
  broadcast,
  barrier,
  once,
  atomic_load,
  atomic_store,
  atomic_update,
  fence,
  read,
  write,
  send,
  receive,
  close,
  select,
  sleep,
  yield,
  timeout,
  descriptor,
  value,
  other,
};

// The candidate that stands for time: choosing it lets the earliest deadline pass.
inline constexpr std::uint32_t clock_thread = 0xffff;

// Whether two operations of different threads on one object commute: what partial-order methods go by.
constexpr bool only_reads(operation what) noexcept {
  return what == operation::atomic_load || what == operation::read;
}

}  // namespace gobench::detector::explore
