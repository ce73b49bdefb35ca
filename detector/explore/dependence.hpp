// Which operations commute: what partial-order methods may leave out rests on this, so in doubt they do not.
//
// Two operations of different threads are independent when doing them in either order leads to the same state, and
// neither makes the other one possible or impossible. What follows an operation up to the next one belongs to it; in a
// program without data races that touches nothing that another thread touches meanwhile.
#pragma once

#include <cstdint>

#include "detector/explore/operation.hpp"

namespace gobench::detector::explore {

struct event {
  operation what = operation::other;
  std::uint64_t object = 0;
  std::uint32_t thread = 0;
};

namespace dependence {

// What an operation may touch besides its object.
enum class reach : std::uint8_t {
  nothing,    // not even its object
  object,     // its object only
  life,       // numbers and ends of threads
  several,    // other objects as well: the lock of a wait, the channels of a select
  everything  // not known, or time
};

constexpr reach reach_of(const event& one) noexcept {
  if (one.thread == clock_thread) return reach::everything;
  switch (one.what) {
    case operation::thread_start:
    case operation::fence:  // executions under exploration are sequentially consistent
    case operation::yield:
      return reach::nothing;
    case operation::thread_create:
    case operation::thread_end:
    case operation::join:
      return reach::life;
    case operation::lock:
    case operation::try_lock:
    case operation::unlock:
    case operation::lock_shared:
    case operation::unlock_shared:
    case operation::barrier:
    case operation::once:
    case operation::atomic_load:
    case operation::atomic_store:
    case operation::atomic_update:
    case operation::read:
    case operation::write:
    case operation::send:
    case operation::receive:
    case operation::close:
    case operation::signal:
    case operation::broadcast:
      return one.object == 0 ? reach::everything : reach::object;
    case operation::wait:
    case operation::wake:
    case operation::select:
      return reach::several;
    case operation::sleep:
    case operation::timeout:
    case operation::descriptor:
    case operation::value:
    case operation::other:
      return reach::everything;
  }
  return reach::everything;
}

constexpr bool shares(operation what) noexcept {
  return only_reads(what) || what == operation::lock_shared;
}

}  // namespace dependence

constexpr bool independent(const event& a, const event& b) noexcept {
  using dependence::reach;
  const reach of_a = dependence::reach_of(a);
  const reach of_b = dependence::reach_of(b);
  if (of_a == reach::everything || of_b == reach::everything) return false;
  if (of_a == reach::nothing || of_b == reach::nothing) return true;
  // Ends of threads let others be joined; numbers are given in order. Neither touches objects.
  if (of_a == reach::life || of_b == reach::life) {
    if (of_a != of_b) return true;
    return a.what == operation::thread_end && b.what == operation::thread_end;
  }
  if (of_a == reach::several || of_b == reach::several) return false;
  if (a.object != b.object) return true;
  return dependence::shares(a.what) && dependence::shares(b.what);
}

}  // namespace gobench::detector::explore
