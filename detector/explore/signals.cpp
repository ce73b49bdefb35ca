// Signals between threads of the program. A handler runs when its thread has the baton; that it has come is known
// before whoever sent it goes on, so that what follows does not depend on how fast the kernel delivers.
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "detector/explore/blocking_calls.hpp"
#include "detector/explore/controller.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::explore {

GOBENCH_REAL(sigtimedwait);
GOBENCH_REAL(pthread_testcancel);

namespace {

// What waits for a signal without a handler.
constinit char signals = 0;

// So long a signal may take that its thread does not block.
constexpr int most_looks = 200;
constexpr long look_ns = 100'000;

struct pending_query {
  const sigset_t* set;
};

// Of the process; those of a thread of its own wake it when they are sent.
bool is_pending(void* about) noexcept {
  const auto& query = *static_cast<pending_query*>(about);
  std::uint64_t pending = 0;
  std::uint64_t wanted = 0;
  __builtin_memcpy(&wanted, query.set, sizeof wanted);
  return syscall(SYS_rt_sigpending, &pending, sizeof pending) == 0 && (pending & wanted) != 0;
}

}  // namespace

void signal_was_sent(thread_record* to, std::uint32_t noted, bool is_handled) noexcept {
  wake_all(&signals);
  if (to == nullptr || to == self || !is_handled) return;
  const internal_mark inside;
  for (int i = 0; i != most_looks; ++i) {
    if (to->signals_noted.load(std::memory_order_acquire) != noted || has_ended(to)) return;
    const timespec moment{0, look_ns};
    syscall(SYS_nanosleep, &moment, nullptr);
  }
}

std::uint32_t signals_noted_by(const thread_record* thread) noexcept {
  return thread == nullptr ? 0 : thread->signals_noted.load(std::memory_order_acquire);
}

void signal_waits_for_caller() noexcept {
  // In a handler: no lock. Who chooses next looks.
  if (!on || self == nullptr) return;
  self->signalled.store(true, std::memory_order_relaxed);
  self->signals_noted.fetch_add(1, std::memory_order_release);  // pairs with signal_was_sent()
}

int await_signal(const sigset_t* set, siginfo_t* info, std::int64_t deadline, address pc) {
  step(operation::wait, &signals, pc);
  pending_query query{set};
  for (;;) {
    real_pthread_testcancel();
    const timespec none{};
    const int number = real_sigtimedwait(set, info, &none);
    if (number > 0 || errno != EAGAIN || deadline == 0) return number;
    const wait_end end = wait_until_ready({.key = &signals,
                                           .what = operation::wait,
                                           .then = operation::wait,
                                           .then_object = &signals,
                                           .deadline = deadline,
                                           .interruptible = true,
                                           .pc = pc},
                                          {&is_pending, &query});
    if (end == wait_end::woken) continue;
    errno = end == wait_end::timed_out ? EAGAIN : EINTR;
    return -1;
  }
}

int pause(address pc) {
  sleep_until(never, pc);
  errno = EINTR;
  return -1;
}

}  // namespace gobench::detector::explore
