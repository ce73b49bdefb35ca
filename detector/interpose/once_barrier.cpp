// pthread_once (std::call_once runs through it) and barriers.
#include <pthread.h>

#include <atomic>

#include "detector/blocking/blocking.hpp"
#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/once.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(pthread_once);
GOBENCH_REAL(pthread_barrier_init);
GOBENCH_REAL(pthread_barrier_destroy);
GOBENCH_REAL(pthread_barrier_wait);

namespace {

constexpr pthread_once_t done_mark = 2;

// What the calling thread is about to run once. The C library's function takes no argument, so it is told here.
struct pending_call {
  pthread_once_t* control;
  void (*run)();
};
constinit thread_local pending_call pending{};

// The release is before the C library wakes the others. If the function throws, nothing was done that the next
// one to try could rely on, but what it saw in failing it did before: it gets an edge too.
class released_at_end {
 public:
  explicit released_at_end(const void* control) noexcept : control_(control) {}
  ~released_at_end() { release_merge(control_); }
  released_at_end(const released_at_end&) = delete;
  released_at_end& operator=(const released_at_end&) = delete;

 private:
  const void* control_;
};

void run_pending() {
  blocking::wait_ends();
  const pending_call call = pending;
  acquire(call.control);
  const released_at_end done{call.control};
  call.run();
}

}  // namespace

int call_once(pthread_once_t* control, void (*run)(), address pc) {
  if (is_internal()) return real_pthread_once(control, run);
  // Nearly every call: the C library's mark for "done" (nptl/pthreadP.h).
  if (__atomic_load_n(control, __ATOMIC_ACQUIRE) == done_mark) {
    acquire(control);
    return 0;
  }
  explore::step(explore::operation::once, control, pc);
  pending = {control, run};
  const function_scope here{pc};
  // Until it is the caller's turn to run it, or somebody has.
  const blocking::wait_scope waiting{blocking::wait_kind::once, control, pc};
  const int result = explore::controls() ? explore::once(control, &run_pending, pc)
                                         : real_pthread_once(control, &run_pending);
  acquire(control);
  return result;
}

GOBENCH_INTERPOSED(int, pthread_once, pthread_once_t* control, void (*run)()) {
  return call_once(control, run, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(int, pthread_barrier_init, pthread_barrier_t* barrier,
                   const pthread_barrierattr_t* attributes, unsigned count) {
  if (!is_internal()) forget_object(barrier);
  return real_pthread_barrier_init(barrier, attributes, count);
}

GOBENCH_INTERPOSED(int, pthread_barrier_destroy, pthread_barrier_t* barrier) {
  const int failed = real_pthread_barrier_destroy(barrier);
  if (failed == 0 && !is_internal()) forget_object(barrier);
  return failed;
}

// A thread that leaves late may learn from one that has arrived for the next round: an edge too many, which can
// hide a race but never makes one up.
GOBENCH_INTERPOSED(int, pthread_barrier_wait, pthread_barrier_t* barrier) {
  if (is_internal()) return real_pthread_barrier_wait(barrier);
  explore::step(explore::operation::barrier, barrier, GOBENCH_CALLER_PC());
  release_merge(barrier);
  int result = 0;
  {
    const blocking::wait_scope waiting{blocking::wait_kind::barrier, barrier, GOBENCH_CALLER_PC()};
    result = explore::controls() ? explore::barrier_wait(barrier, GOBENCH_CALLER_PC())
                                 : real_pthread_barrier_wait(barrier);
  }
  if (result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD) acquire(barrier);
  return result;
}

}  // namespace gobench::detector::interpose
