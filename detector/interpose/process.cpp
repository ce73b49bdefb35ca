// fork and the ways a process ends.
//
// Invariants
// - Around fork all locks of the detector are held, so that the child finds them free and what they guard whole.
//   Our handlers of pthread_atfork are registered first: in the parent they run last before the fork and
//   first after it, so no handler of the program runs while the locks are held.
// - The end of the report is made by the handler of on_exit that is registered first and runs last; it knows the
//   status. If another one is due, exit goes on with that one: calling it in a handler is what the C library
//   provides for.
// - A function registered for exit is ordered after its registration.
#include <pthread.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdlib>

#include "detector/engine/arena.hpp"
#include "detector/explore/explore.hpp"
#include "detector/explore/real_time.hpp"
#include "detector/interpose/interpose.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"
#include "detector/interpose/thread_table.hpp"

extern "C" {
int __cxa_atexit(void (*run)(void*), void* argument, void* object) noexcept;
int __cxa_at_quick_exit(void (*run)(void*), void* object) noexcept;
}

namespace gobench::detector::interpose {

GOBENCH_REAL(_exit);
GOBENCH_REAL(_Exit);
GOBENCH_REAL(quick_exit);
GOBENCH_REAL(fork);
GOBENCH_REAL(on_exit);
GOBENCH_REAL_TYPE(_Fork, pid_t());
GOBENCH_REAL(__cxa_atexit);
GOBENCH_REAL(__cxa_at_quick_exit);

namespace {

// Internal from before the fork until after it: a handler of a signal would find everything locked.
void before() {
  enter_internal();
  thread_table::before_fork();
  before_fork();
  arena::before_fork();  // last: who holds one of the others allocates
}

void in_parent() {
  explore::real_time::child_was_made();
  arena::after_fork();
  after_fork_in_parent();
  thread_table::after_fork(false);
  leave_internal();
}

void in_child() {
  explore::after_fork_in_child();
  signals_after_fork_in_child();
  arena::after_fork();
  after_fork_in_child();
  thread_table::after_fork(true);
  leave_internal();
}

void end_report(int status, void*) {
  const int wanted = finish(status);
  if (wanted != status) ::exit(wanted);
}

struct exit_call {
  void (*run)(void*);
  void (*run_with_status)(int, void*);
  void* argument;
};

exit_call* make_call(const exit_call& call) noexcept {
  exit_call* made = nullptr;
  {
    const internal_scope inside;
    made = static_cast<exit_call*>(arena::allocate(sizeof(exit_call)));
    if (made == nullptr) return nullptr;
    *made = call;
  }
  release(made);
  return made;
}

exit_call take_call(void* given) noexcept {
  acquire(given);
  forget_object(given);
  const exit_call call = *static_cast<exit_call*>(given);
  const internal_scope inside;
  arena::deallocate(given);
  return call;
}

void run_at_exit(void* given) {
  const exit_call call = take_call(given);
  call.run(call.argument);
}

void run_on_exit(int status, void* given) {
  const exit_call call = take_call(given);
  call.run_with_status(status, call.argument);
}

}  // namespace

void start_process() noexcept {
  ::pthread_atfork(&before, &in_parent, &in_child);
  real_on_exit(&end_report, nullptr);
}

// The child of vfork may not return from the function that called it, so ours has to fork.
GOBENCH_INTERPOSED(pid_t, vfork, ) { return real_fork(); }

GOBENCH_INTERPOSED(pid_t, _Fork, ) {
  if (is_internal()) return real__Fork();
  before();
  const pid_t child = real__Fork();
  if (child == 0) {
    in_child();
  } else {
    in_parent();
  }
  return child;
}

GOBENCH_INTERPOSED(void, _exit, int status) { real__exit(is_internal() ? status : finish(status)); }
GOBENCH_INTERPOSED(void, _Exit, int status) { real__Exit(is_internal() ? status : finish(status)); }
GOBENCH_INTERPOSED(void, quick_exit, int status) {
  real_quick_exit(is_internal() ? status : finish(status));
}

// atexit and static destructors come here.
GOBENCH_INTERPOSED(int, __cxa_atexit, void (*run)(void*), void* argument, void* object) {
  exit_call* call = is_internal() ? nullptr : make_call({run, nullptr, argument});
  if (call == nullptr) return real___cxa_atexit(run, argument, object);
  return real___cxa_atexit(&run_at_exit, call, object);
}

GOBENCH_INTERPOSED(int, on_exit, void (*run)(int, void*), void* argument) {
  exit_call* call = is_internal() ? nullptr : make_call({nullptr, run, argument});
  if (call == nullptr) return real_on_exit(run, argument);
  return real_on_exit(&run_on_exit, call);
}

}  // namespace gobench::detector::interpose
