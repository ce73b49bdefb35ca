// Who waits for whom: deadlocks, leaks, lock order. What interposed functions, the seam, start-up and an explorer of
// schedules call. Works beside the race detector, on what the engine knows of locks and tasks.
//
// Cost. A call that does not block tells nothing here: interposed locks are tried first, and those of the library tell
// of a wait where they park. Nothing of it is in the plain flavour.
#pragma once

#include "detector/blocking/wait_record.hpp"
#include "detector/engine/engine.hpp"

namespace gobench::detector::blocking {

// The calling task is about to wait in a call that blocks, and does so no longer. Does nothing for dummies, and inside
// the detector and code of ours. `timed`: the wait has a deadline.
void wait_begins(wait_kind kind, const void* object, address pc, bool timed) noexcept;
void wait_ends() noexcept;

// Around a blocking call of the C library, in an interposed function:
//   const blocking::wait_scope waiting{blocking::wait_kind::semaphore, semaphore, pc};
// Also left by an exception: a thread may be cancelled in the call.
class [[nodiscard]] wait_scope {
 public:
  wait_scope(wait_kind kind, const void* object, address pc, bool timed = false) noexcept {
    wait_begins(kind, object, pc, timed);
  }
  ~wait_scope() { wait_ends(); }
  wait_scope(const wait_scope&) = delete;
  wait_scope& operator=(const wait_scope&) = delete;
};

// What the seam tells, also in code of ours. `reason` is a runtime::wait_reason.
namespace told {
void wait_begins(unsigned reason, const void* object, address pc, bool timed) noexcept;
void wait_ends() noexcept;
// The library's task with this control block is that task, until the end of either.
void task_is(const void* control, task_state* task) noexcept;
// What was done with a channel, an instrument::channel_event; with a wait_group, an instrument::wait_group_event.
void channel_used(const void* channel, unsigned what, address pc) noexcept;
void wait_group_used(const void* group, unsigned what, address pc) noexcept;
// No task of the library's run can go on.
void standstill() noexcept;
}  // namespace told

// Nobody can go on, which the caller is certain of: reports who waits for what, on which object, held by whom, since
// where. Call it inside the detector, on any thread. Returns the number of findings told.
int standstill() noexcept;

// The main task or thread is at its end: reports tasks that will wait for ever. The end of the process calls it as well;
// what was told once is not told again.
// `others_wait`: all tasks that are left are parked, and nobody is just being woken.
void end_of_main(bool others_wait) noexcept;

// Whether the option may be that: note, on, all, off.
bool knows_leaks(const char* value) noexcept;

// Only the caller is there: nobody else waits, or is left.
void after_fork_in_child() noexcept;

// A thread has ended, perhaps the last that was not part of a deadlock.
void task_ended() noexcept;

// The task is over, perhaps in the middle of a wait: a coroutine whose frame was destroyed there.
void forget_wait(task_state& task) noexcept;

}  // namespace gobench::detector::blocking
