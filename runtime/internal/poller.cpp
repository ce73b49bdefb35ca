#include "runtime/internal/poller.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <mutex>
#include <new>

#include "runtime/instrument.hpp"
#include "runtime/internal/futex.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/poll_block.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::size_t poller_stack_bytes = 128 * 1024;
constexpr int most_events = 128;

// Of all instances that were ever made in this process and its ancestors: so none is taken for another.
std::atomic<std::uint32_t> instances{0};

}  // namespace

poller& poller::of_workers() {
  // Never destroyed, as the scheduler.
  static auto& one = *[] {
    ::pthread_atfork(nullptr, nullptr, &poller::after_fork);
    return new poller(true);
  }();
  return one;
}

poller& poller::of_threads() {
  static auto& one = *[] {
    of_workers();  // registers after_fork
    return new poller(false);
  }();
  return one;
}

poller& poller::of(const waiter& one) { return one.is_scheduled() ? of_workers() : of_threads(); }

// In the child, which has no other thread. What it inherits would steal its parent's events.
void poller::after_fork() noexcept {
  for (poller* one : {&of_workers(), &of_threads()}) {
    if (one->epoll_ >= 0) ::close(one->epoll_);
    if (one->kick_ >= 0) ::close(one->kick_);
    one->epoll_ = one->kick_ = -1;
    one->instance_.store(0, std::memory_order_relaxed);
    one->thread_.store(0, std::memory_order_relaxed);
    new (&one->making_) spin_lock;  // who held it in the parent is not here
  }
  fibers_at_descriptors.store(0, std::memory_order_relaxed);
}

void poller::count(int by) noexcept {
  // Only fibers matter, to the workers. Relaxed: the worker that the fiber waits on looks at it after it,
  // in the same thread; others learn of it some time.
  if (workers_) fibers_at_descriptors.fetch_add(by, std::memory_order_relaxed);
}

// Under making_. Returns 0 or an error number.
int poller::make() noexcept {
  const int made = ::epoll_create1(EPOLL_CLOEXEC);
  if (made < 0) return errno;
  if (workers_) {
    const int kick = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.ptr = nullptr;
    if (kick < 0 || ::epoll_ctl(made, EPOLL_CTL_ADD, kick, &interest) != 0) {
      const int error = errno;
      if (kick >= 0) ::close(kick);
      ::close(made);
      return error;
    }
    kick_ = kick;
  }
  epoll_ = made;
  return 0;
}

void poller::start_thread() {
  // The program's signals are not for this thread.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    start_service_thread(&poller::thread_main, this, poller_stack_bytes);
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Until it is known, the census would take it for a thread of somebody else.
  while (thread_.load(std::memory_order_acquire) == 0) futex_wait(thread_, 0);
}

void* poller::thread_main(void* argument) {
  GOBENCH_INTERNAL_SCOPE();
  auto& home = *static_cast<poller*>(argument);
  // Release pairs with start_thread() and thread_number().
  home.thread_.store(static_cast<std::uint32_t>(this_thread_number()), std::memory_order_release);
  futex_wake_all(home.thread_);
  become_runtime_thread();
  ::prctl(PR_SET_NAME, "gobench-poll");
  for (;;) {
    ready_list woken;
    home.harvest(woken, -1);
    for (std::size_t i = 0; i < woken.count; ++i) unpark(*woken.who[i]);
  }
}

int poller::thread_number() noexcept {
  return static_cast<int>(of_threads().thread_.load(std::memory_order_acquire));
}

int poller::watch(poll_block& block) {
  std::uint32_t& known_as = block.watched[workers_ ? 0 : 1];
  // Acquire pairs with the release below: epoll_ is there.
  std::uint32_t instance = instance_.load(std::memory_order_acquire);
  if (instance != 0 && known_as == instance) return 0;
  if (instance == 0) {
    const std::scoped_lock held(making_);
    instance = instance_.load(std::memory_order_relaxed);
    if (instance == 0) {
      if (epoll_ < 0) {
        if (const int error = make()) return error;
      }
      if (!workers_) start_thread();
      // Relaxed: only a number.
      instance = instances.fetch_add(1, std::memory_order_relaxed) + 1;
      instance_.store(instance, std::memory_order_release);
    }
  }
  epoll_event interest{};
  interest.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET;
  interest.data.ptr = &block;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, block.fd, &interest) != 0) return errno;
  known_as = instance;
  return 0;
}

// By hand, since another process may have the file open: then closing it does not take it out.
void poller::forget(poll_block& block) noexcept {
  const std::scoped_lock held(block.lock);
  for (poller* one : {&of_workers(), &of_threads()}) {
    const std::uint32_t known_as = block.watched[one->workers_ ? 0 : 1];
    if (known_as != 0 && known_as == one->instance_.load(std::memory_order_acquire))
      ::epoll_ctl(one->epoll_, EPOLL_CTL_DEL, block.fd, nullptr);
  }
}

int poller::wait(void* events, int size, std::int64_t timeout_ns) const noexcept {
  auto* into = static_cast<epoll_event*>(events);
  if (timeout_ns <= 0) return ::epoll_wait(epoll_, into, size, timeout_ns < 0 ? -1 : 0);
#if defined(SYS_epoll_pwait2)
  // The milliseconds of epoll_wait() are too coarse for timers. Linux has this one since 5.11.
  timespec timeout{};
  timeout.tv_sec = static_cast<time_t>(timeout_ns / 1'000'000'000);
  timeout.tv_nsec = static_cast<long>(timeout_ns % 1'000'000'000);
  const long got = ::syscall(SYS_epoll_pwait2, epoll_, into, size, &timeout, nullptr, 0);
  if (got >= 0 || errno != ENOSYS) return static_cast<int>(got);
#endif
  constexpr std::int64_t longest_ms = 1'000'000;
  return ::epoll_wait(epoll_, into, size,
                      static_cast<int>(std::min((timeout_ns + 999'999) / 1'000'000, longest_ms)));
}

void poller::harvest(ready_list& woken, std::int64_t timeout_ns) noexcept {
  // Relaxed: no more than a hint.
  if (timeout_ns == 0) looked_at_ns_.store(now_ns(), std::memory_order_relaxed);
  if (workers_ && !is_made()) return;  // fibers are counted before
  std::array<epoll_event, most_events> events;
  const int got = wait(events.data(), most_events, timeout_ns);
  for (int i = 0; i < got; ++i) {
    const epoll_event& one = events[static_cast<std::size_t>(i)];
    if (one.data.ptr == nullptr) {
      std::uint64_t value = 0;
      if (timeout_ns != 0) static_cast<void>(!::read(kick_, &value, sizeof value));
      continue;
    }
    const bool broken = (one.events & (EPOLLERR | EPOLLHUP)) != 0;
    static_cast<poll_block*>(one.data.ptr)
        ->notify(broken || (one.events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP)) != 0,
                 broken || (one.events & EPOLLOUT) != 0, woken);
  }
  if (timeout_ns != 0) looked_at_ns_.store(now_ns(), std::memory_order_relaxed);
}

void poller::kick() noexcept {
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then it has been kicked already.
  static_cast<void>(!::write(kick_, &one, sizeof one));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
