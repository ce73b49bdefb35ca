// Who makes a signal come, and who waits for one instead of handling it.
#include <pthread.h>
#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/real.hpp"
#include "detector/interpose/signals.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(raise);
GOBENCH_REAL(kill);
GOBENCH_REAL(killpg);
GOBENCH_REAL(pthread_kill);
GOBENCH_REAL(pthread_sigqueue);
GOBENCH_REAL(sigqueue);
GOBENCH_REAL(tgkill);
GOBENCH_REAL(alarm);
GOBENCH_REAL(ualarm);
GOBENCH_REAL_TYPE(setitimer, int(int, const itimerval*, itimerval*));
GOBENCH_REAL(timer_settime);
GOBENCH_REAL(sigwait);
GOBENCH_REAL(sigwaitinfo);
GOBENCH_REAL(sigtimedwait);
GOBENCH_REAL(sigsuspend);
GOBENCH_REAL(pause);

namespace {

void sent(int number) noexcept {
  if (!is_internal()) signal_sent(number);
}

// Sends it, and under exploration sees to it that the thread knows; null: whoever gets it.
template <typename Send>
int send(explore::thread_record* to, int number, address pc, Send real_send) {
  sent(number);
  if (!explore::controls()) return real_send();
  explore::step(explore::operation::other, nullptr, pc);
  const std::uint32_t noted = explore::signals_noted_by(to);
  const int failed = real_send();
  if (failed == 0) explore::signal_was_sent(to, noted, is_handled(number));
  return failed;
}

// A timer of the system is set, whose signal comes in real time.
void timer_sends(int number) noexcept {
  sent(number);
  explore::somebody_outside_may_wake();
}

template <typename Wait>
int wait_for_info(siginfo_t* info, Wait real_wait) {
  siginfo_t own;
  siginfo_t* into = info == nullptr ? &own : info;
  if (is_internal()) return real_wait(into);
  const int number = cancellation_point([&] { return real_wait(into); });
  if (number > 0) signal_received(number);
  return number;
}

}  // namespace

GOBENCH_INTERPOSED(int, raise, int number) {
  sent(number);
  return real_raise(number);
}
GOBENCH_INTERPOSED(int, gsignal, int number) {
  sent(number);
  return real_raise(number);
}
GOBENCH_INTERPOSED(int, kill, pid_t process, int number) {
  return send(nullptr, number, GOBENCH_CALLER_PC(), [=] { return real_kill(process, number); });
}
GOBENCH_INTERPOSED(int, killpg, pid_t group, int number) {
  return send(nullptr, number, GOBENCH_CALLER_PC(), [=] { return real_killpg(group, number); });
}
GOBENCH_INTERPOSED(int, tgkill, pid_t process, pid_t thread, int number) {
  sent(number);
  return real_tgkill(process, thread, number);
}
GOBENCH_INTERPOSED(int, pthread_kill, pthread_t thread, int number) {
  return send(explore::find(thread), number, GOBENCH_CALLER_PC(),
              [=] { return real_pthread_kill(thread, number); });
}
GOBENCH_INTERPOSED(int, pthread_sigqueue, pthread_t thread, int number, const union sigval value) {
  return send(explore::find(thread), number, GOBENCH_CALLER_PC(),
              [=] { return real_pthread_sigqueue(thread, number, value); });
}
GOBENCH_INTERPOSED(int, sigqueue, pid_t process, int number, const union sigval value) {
  return send(nullptr, number, GOBENCH_CALLER_PC(),
              [=] { return real_sigqueue(process, number, value); });
}

GOBENCH_INTERPOSED(unsigned, alarm, unsigned seconds) {
  timer_sends(SIGALRM);
  return real_alarm(seconds);
}
GOBENCH_INTERPOSED(useconds_t, ualarm, useconds_t first, useconds_t interval) {
  timer_sends(SIGALRM);
  return real_ualarm(first, interval);
}
GOBENCH_INTERPOSED(int, setitimer, int which, const itimerval* value, itimerval* old) {
  timer_sends(which == ITIMER_REAL ? SIGALRM : which == ITIMER_VIRTUAL ? SIGVTALRM : SIGPROF);
  return real_setitimer(which, value, old);
}
GOBENCH_INTERPOSED(int, timer_settime, timer_t timer, int flags, const itimerspec* value,
                   itimerspec* old) {
  if (!is_internal()) timer_set();
  return real_timer_settime(timer, flags, value, old);
}

GOBENCH_INTERPOSED(int, sigwait, const sigset_t* set, int* number) {
  if (is_internal()) return real_sigwait(set, number);
  const address pc = GOBENCH_CALLER_PC();
  const int failed = cancellation_point([=] {
    if (!explore::controls()) return real_sigwait(set, number);
    do *number = explore::await_signal(set, nullptr, explore::never, pc);
    while (*number < 0 && errno == EINTR);
    return *number < 0 ? errno : 0;
  });
  if (failed == 0) signal_received(*number);
  return failed;
}
GOBENCH_INTERPOSED(int, sigwaitinfo, const sigset_t* set, siginfo_t* info) {
  const address pc = GOBENCH_CALLER_PC();
  return wait_for_info(info, [=](siginfo_t* into) {
    return explore::controls() ? explore::await_signal(set, into, explore::never, pc)
                               : real_sigwaitinfo(set, into);
  });
}
GOBENCH_INTERPOSED(int, sigtimedwait, const sigset_t* set, siginfo_t* info, const timespec* most) {
  const address pc = GOBENCH_CALLER_PC();
  return wait_for_info(info, [=](siginfo_t* into) {
    if (!explore::controls()) return real_sigtimedwait(set, into, most);
    const bool at_once = most != nullptr && most->tv_sec == 0 && most->tv_nsec == 0;
    return explore::await_signal(set, into, at_once ? 0 : explore::deadline_after(most), pc);
  });
}
GOBENCH_INTERPOSED(int, sigsuspend, const sigset_t* mask) {
  return cancellation_point([=] { return real_sigsuspend(mask); });
}
GOBENCH_INTERPOSED(int, pause, ) {
  const address pc = GOBENCH_CALLER_PC();
  return cancellation_point(
      [=] { return explore::controls() ? explore::pause(pc) : real_pause(); });
}

}  // namespace gobench::detector::interpose
