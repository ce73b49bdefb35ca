// Barriers, calls once, joins, sleeps.
#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::explore {

GOBENCH_REAL(pthread_once);
GOBENCH_REAL(pthread_join);
GOBENCH_REAL(pthread_tryjoin_np);
GOBENCH_REAL(pthread_detach);
GOBENCH_REAL(pthread_testcancel);

namespace {

// What the C library lays down (nptl/pthreadP.h): the count of a barrier, and that a call is under way.
struct barrier_layout {
  unsigned in;
  unsigned round;
  unsigned count;
};
constexpr pthread_once_t done_mark = 2;
constexpr pthread_once_t state_mask = 3;
constexpr pthread_once_t under_way = 1;

// Also when the function throws: then the next one tries.
class tells_the_others {
 public:
  explicit tells_the_others(const void* key) noexcept : key_(key) {}
  ~tells_the_others() { wake_all(key_); }
  tells_the_others(const tells_the_others&) = delete;
  tells_the_others& operator=(const tells_the_others&) = delete;

 private:
  const void* key_;
};

}  // namespace

int barrier_wait(pthread_barrier_t* barrier, address pc) noexcept {
  const unsigned count = reinterpret_cast<const barrier_layout*>(barrier)->count;
  if (waiting_on(barrier) + 1 >= count) {
    wake_all(barrier);
    return PTHREAD_BARRIER_SERIAL_THREAD;
  }
  // No cancellation point, and signals do not end it.
  while (wait({.key = barrier,
               .what = operation::barrier,
               .then = operation::barrier,
               .then_object = barrier,
               .pc = pc}) != wait_end::woken) {
  }
  return 0;
}

int once(pthread_once_t* control, void (*run)(), address pc) {
  for (;;) {
    const pthread_once_t seen = __atomic_load_n(control, __ATOMIC_ACQUIRE);
    if (seen == done_mark) return 0;
    if ((seen & state_mask) != under_way) {
      const tells_the_others at_end{control};
      return real_pthread_once(control, run);
    }
    wait({.key = control,
          .what = operation::once,
          .then = operation::once,
          .then_object = control,
          .pc = pc});
  }
}

int join(pthread_t thread, void** result, std::int64_t deadline, address pc) {
  thread_record* const other = find(thread);
  if (other == nullptr) return real_pthread_join(thread, result);
  if (is_detached(other)) return EINVAL;
  if (other == self) return EDEADLK;
  while (!has_ended(other)) {
    real_pthread_testcancel();
    const wait_end end = wait({.key = key_of(other),
                               .what = operation::join,
                               .then = operation::join,
                               .then_object = key_of(other),
                               .deadline = deadline,
                               .interruptible = true,
                               .pc = pc});
    if (end == wait_end::timed_out) return ETIMEDOUT;
  }
  const int failed = real_pthread_join(thread, result);
  if (failed == 0) joined(other);
  return failed;
}

int try_join(pthread_t thread, void** result) {
  thread_record* const other = find(thread);
  if (other == nullptr) return real_pthread_tryjoin_np(thread, result);
  if (is_detached(other)) return EINVAL;
  if (!has_ended(other)) return EBUSY;
  const int failed = real_pthread_join(thread, result);
  if (failed == 0) joined(other);
  return failed;
}

int detach(pthread_t thread) {
  thread_record* const other = find(thread);
  if (other == nullptr) return real_pthread_detach(thread);
  if (is_detached(other)) return EINVAL;
  detached(other);
  return 0;
}

int sleep_until(std::int64_t deadline, address pc) {
  real_pthread_testcancel();
  static constinit char nobody = 0;  // wakes who waits there
  const wait_end end = wait({.key = &nobody,
                             .what = operation::sleep,
                             .then = operation::sleep,
                             .then_object = nullptr,
                             .deadline = deadline,
                             .interruptible = true,
                             .pc = pc});
  if (end != wait_end::interrupted) return 0;
  real_pthread_testcancel();
  return EINTR;
}

}  // namespace gobench::detector::explore
