// Locks that are taken in orders that contradict each other, although nothing has blocked.
//
// Goodlock (Havelund, "Using Runtime Analysis to Guide Model Checking of Java Programs", SPIN 2000; for any number of
// locks Bensalem and Havelund, "Dynamic Deadlock Analysis of Multi-threaded Programs", HVC 2005). An edge A -> B says
// that somebody has taken B while holding A. A cycle is a finding if its edges can be taken at the same time:
//  - each by another task;
//  - no two of them under a common lock (a gate), unless both hold that in shared mode;
//  - at each lock of the cycle, who holds it and who takes it are in each other's way: not both in shared mode;
//  - none of them is ordered before another. Where the papers look at the starts and ends of threads, here any edge of
//    happens-before counts that was there before the outer lock was taken: a later one comes from these locks themselves.
//    What other locks order by chance counts too, so an inversion may be missed, but what cannot happen is not told.
// A lock that was only tried, or waited for with a deadline, is no end of an edge, but may be its beginning.
#pragma once

#include "detector/engine/sync_object.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector::blocking::lock_order {

// The task is about to note that it holds the lock, whose object the caller has locked, and knows nothing yet of what the
// lock orders. Takes the past of what follows down where it may be wanted.
inline bool looks_at(const task_state& task, const lock_record& record) noexcept {
  return task.held_count != 0 || record.node != 0;
}
void before_taking(task_state& task, lock_record& record, address lock) noexcept;
// The same lock, after that, and without the lock of the object.
void taken(task_state& task, std::uint32_t node, bool shared, bool tried, stack_id where) noexcept;

// The lock is no more.
void forget(lock_record& record) noexcept;

void reserve() noexcept;
// Around fork.
void lock() noexcept;
void unlock() noexcept;

}  // namespace gobench::detector::blocking::lock_order
