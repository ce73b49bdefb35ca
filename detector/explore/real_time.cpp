#include "detector/explore/real_time.hpp"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "detector/explore/controller.hpp"
#include "detector/explore/options.hpp"

namespace gobench::detector::explore::real_time {
namespace {

// As the kernel has it.
struct kernel_action {
  void (*handler)(int, siginfo_t*, void*);
  unsigned long flags;
  void (*restorer)();
  std::uint64_t mask;
};
constexpr unsigned long sa_restorer = 0x04000000;
constexpr int kernel_set_bytes = 8;

// One that programs leave alone: the C library's highest.
constexpr int tick_signal = 64;
constexpr unsigned looks_each = 4;  // times that it looks while its patience lasts

std::atomic<bool> children{false};
std::uint64_t steps_seen = 0;
unsigned looks_without_step = 0;
std::int64_t waits_since = 0;
std::uint64_t waits_at_step = 0;

std::int64_t now() noexcept {
  timespec time{};
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

void on_tick(int, siginfo_t*, void*) {
  // Not state->lock: the thread that is interrupted may have it. What is read here is read too early at worst.
  const thread_record* const running = state->running;
  const std::uint64_t steps = state->steps;
  if (steps != steps_seen) {
    steps_seen = steps;
    looks_without_step = 0;
    return;
  }
  if (running == nullptr) {
    if (++looks_without_step >= looks_each)
      end_in_hang("everybody waits for a timer or a signal, and none comes", true);
  } else if (self == running) {
    if (++looks_without_step >= looks_each)
      end_in_hang("a thread runs on without making a step", true);
  } else {
    syscall(SYS_tgkill, getpid(), running->kernel_number, tick_signal);
  }
}

__attribute__((naked)) void return_from_handler() {
  asm volatile("mov %0, %%eax\n\tsyscall" : : "i"(SYS_rt_sigreturn));
}

}  // namespace

void check() noexcept {
  if (waits_since == 0 || waits_at_step != state->steps) {
    waits_since = now();
    waits_at_step = state->steps;
  } else if (now() - waits_since >
             static_cast<std::int64_t>(option_values.patience) * 1'000'000'000) {
    end_in_hang("it waits for descriptors or processes, and none of them does anything");
  }
}

void watch() noexcept {
  if (option_values.patience == 0) return;
  kernel_action action{&on_tick, SA_SIGINFO | SA_RESTART | SA_ONSTACK | sa_restorer,
                       &return_from_handler, 0};
  if (syscall(SYS_rt_sigaction, tick_signal, &action, nullptr, kernel_set_bytes) != 0) return;
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = tick_signal;
  int made = 0;  // the kernel's number
  if (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &made) != 0) return;
  const std::uint64_t period = option_values.patience * 1'000'000'000 / looks_each;
  itimerspec often{};
  often.it_interval = {static_cast<time_t>(period / 1'000'000'000),
                       static_cast<long>(period % 1'000'000'000)};
  often.it_value = often.it_interval;
  syscall(SYS_timer_settime, made, 0, &often, nullptr);
}

void child_was_made() noexcept { children.store(true, std::memory_order_relaxed); }
bool has_children() noexcept { return children.load(std::memory_order_relaxed); }

}  // namespace gobench::detector::explore::real_time
