// Timers whose notice is a call in a thread of its own, which the C library makes unseen: it becomes a task when it
// gets to the program's function, ordered after the making and the settings of the timer.
#include <signal.h>
#include <time.h>

#include "detector/engine/arena.hpp"
#include "detector/explore/explore.hpp"
#include "detector/interpose/interpose.hpp"
#include "detector/interpose/real.hpp"
#include "detector/interpose/signals.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(timer_create, int(clockid_t, sigevent*, timer_t*));

namespace {

struct notice {
  void (*run)(sigval);
  sigval argument;
  address made_at;
};

// Lives as long as the process: whether a notice is still under way when its timer is deleted, nobody tells.
void run_notice(sigval given) {
  const notice told = *static_cast<const notice*>(given.sival_ptr);
  become_task(told.made_at);
  acquire(given.sival_ptr);
  timer_expired();
  told.run(told.argument);
}

}  // namespace

GOBENCH_INTERPOSED(int, timer_create, clockid_t clock, sigevent* event, timer_t* timer) {
  if (is_internal() || event == nullptr || event->sigev_notify != SIGEV_THREAD)
    return real_timer_create(clock, event, timer);
  notice* told = nullptr;
  {
    const internal_scope inside;
    told = static_cast<notice*>(arena::allocate(sizeof(notice)));
  }
  if (told == nullptr) return real_timer_create(clock, event, timer);
  explore::somebody_outside_may_wake();
  *told = {event->sigev_notify_function, event->sigev_value, GOBENCH_CALLER_PC()};
  release(told);
  sigevent ours = *event;
  ours.sigev_notify_function = &run_notice;
  ours.sigev_value.sival_ptr = told;
  return real_timer_create(clock, &ours, timer);
}

}  // namespace gobench::detector::interpose
