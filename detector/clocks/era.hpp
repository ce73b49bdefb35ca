// What happens when the clocks have used up their memory: precision is reduced, and never a race invented.
//
// The model. All clocks of the program share a floor: a value up to which everybody knows everything of every
// task. It starts at 0. To reduce precision is to raise it above every value that any task has had so far:
// what happened before is from then on ordered before what happens after, as if all tasks had met in one
// barrier. Races across that moment are missed; races after it are found as before. And no clock needs
// any node for what lies below the floor.
//
// The real form, without stopping anybody. A clock has the floor that it has seen ("its era"). It sees a later
// one when it meets a clock of a later era, when its task has used up its values, or when it needs nodes
// and the pool is pressed. It then gives all its nodes back, and its task goes on above the floor.
//
// Invariants
// - A clock of era F holds no value above the next floor. Tasks take their values from below a
//   common ceiling, in portions; floor and ceiling are one atomic word, a raise makes the ceiling the
//   new floor, and who wants another portion sees the new floor first.
// - So a clock of era F knows everything in any clock of an earlier era, which therefore counts as empty to it.
// - Knowing (task, value) implies knowing all that the task knew when it published that value, also across
//   eras: a task whose own value is above a floor has met that floor.
// - A task that has not yet met the floor is as precise as before. Its accesses are below the floor of the others.
// - When the values are used up (2^32 less the portions lost to raises), the floor becomes max_clock_value: all is
//   ordered, and no more races are found.
//
// Considered and rejected: tasks that share an id (as ThreadSanitizer's slots; a node is still needed per clock that
// sleeps); a dense floor per id (4 bytes an id, and a consistent copy of it needs all tasks to stand still).
#pragma once

#include "detector/clocks/clock_types.hpp"

#include <atomic>
#include <cstdint>

namespace gobench::detector::era {

// Bits 0-31: the ceiling. Bits 32-63: the floor.
extern constinit std::atomic<std::uint64_t> floor_and_ceiling;

struct portion {
  clock_value floor;    // the era; if it is not the asker's, the rest means nothing
  clock_value ceiling;  // values up to this one may be used
};
// Values for a task of era `floor` that is about to use `wanted`.
portion reserve(clock_value floor, clock_value wanted) noexcept;

// The floor for a clock of era `floor` that has to give its nodes back: the present one if that is later,
// else a new one.
clock_value raise(clock_value floor) noexcept;

// Back to floor 0. Precondition: no clock knows anything; for tests.
void start_over() noexcept;

inline clock_value floor() noexcept {
  return static_cast<clock_value>(floor_and_ceiling.load(std::memory_order_acquire) >> 32);
}

}  // namespace gobench::detector::era
