// Condition variables have waiting lists of our own, so that which one a signal wakes is a choice, and nobody is woken who
// was not (unless `spurious` asks for it). The real ones never have a waiter.
#include "detector/explore/blocking_calls.hpp"
#include "detector/explore/options.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::explore {

GOBENCH_REAL(pthread_mutex_trylock);
GOBENCH_REAL(pthread_mutex_unlock);
GOBENCH_REAL(pthread_testcancel);
GOBENCH_REAL(sem_trywait);

int condition_wait(pthread_cond_t* condition, pthread_mutex_t* mutex, std::int64_t deadline,
                   address pc) {
  real_pthread_testcancel();
  if (const int failed = real_pthread_mutex_unlock(mutex); failed != 0) return failed;
  wake_all(mutex);
  wait_end end = wait_end::woken;
  if (option_values.spurious && choose(2, operation::wake, condition, pc) == 1) {
    step(operation::wake, condition, pc);
  } else {
    // Nobody else has run since the mutex was given up: no signal is missed.
    end = wait({.key = condition,
                .what = operation::wait,
                .then = operation::lock,
                .then_object = mutex,
                .deadline = deadline,
                .interruptible = true,
                .pc = pc});
  }
  const int result = keep_trying(mutex, operation::lock, never, pc,
                                 [=] { return real_pthread_mutex_trylock(mutex); });
  real_pthread_testcancel();
  if (result != 0) return result;
  // What a signal has ended counts as a wake-up without a reason, which there may be.
  return end == wait_end::timed_out ? ETIMEDOUT : 0;
}

void condition_signalled(pthread_cond_t* condition, address pc) noexcept {
  wake_some(condition, 1, operation::wake, pc);
}

void condition_broadcast(pthread_cond_t* condition) noexcept { wake_all(condition); }

int semaphore_wait(sem_t* semaphore, std::int64_t deadline, address pc) {
  for (;;) {
    real_pthread_testcancel();
    if (real_sem_trywait(semaphore) == 0) return 0;
    if (errno != EAGAIN) return -1;
    const wait_end end = wait({.key = semaphore,
                               .what = operation::wait,
                               .then = operation::wait,
                               .then_object = semaphore,
                               .deadline = deadline,
                               .interruptible = true,
                               .pc = pc});
    if (end == wait_end::woken) continue;
    real_pthread_testcancel();
    errno = end == wait_end::timed_out ? ETIMEDOUT : EINTR;
    return -1;
  }
}

}  // namespace gobench::detector::explore
