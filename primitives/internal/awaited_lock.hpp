// A coroutine's wait for a lock, a semaphore, an event, a wait_group, a latch or a condition variable: their waits in the halves of
// runtime/suspension.hpp.
#pragma once

#include <cstdint>
#include <mutex>

#include "primitives/condition_variable.hpp"
#include "primitives/event.hpp"
#include "primitives/internal/countdown.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "primitives/latch.hpp"
#include "primitives/mutex.hpp"
#include "primitives/semaphore.hpp"
#include "primitives/wait_group.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/suspension.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class [[nodiscard]] awaited_mutex : public runtime::awaitable {
 public:
  explicit awaited_mutex(mutex& wanted) noexcept : mutex_(wanted) {}
  bool await_ready() noexcept { return mutex_.try_lock(); }
  std::unique_lock<mutex> await_resume() {
    return std::unique_lock<mutex>(mutex_, std::adopt_lock);
  }

 private:
  void block() override { mutex_.lock(); }
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;
  void discard() noexcept override { mutex_.unlock(); }

  mutex& mutex_;
  mutex::attempt attempt_;
};

class [[nodiscard]] awaited_semaphore : public runtime::awaitable {
 public:
  awaited_semaphore(semaphore& wanted, std::int64_t units) noexcept
      : semaphore_(wanted), units_(units) {}
  bool await_ready() { return semaphore_.try_acquire(units_); }
  void await_resume() const noexcept {}

 private:
  void block() override { semaphore_.acquire(units_); }
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;
  void discard() noexcept override { semaphore_.release(units_); }

  semaphore& semaphore_;
  const std::int64_t units_;
  wait_node node_;
};

class [[nodiscard]] awaited_event : public runtime::awaitable {
 public:
  explicit awaited_event(event& wanted) noexcept : event_(wanted) {}
  bool await_ready() const noexcept { return event_.is_set(); }
  void await_resume() const noexcept { GOBENCH_HOOK(acquire(&event_)); }

 private:
  void block() override { event_.wait(); }
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;

  event& event_;
  wait_node node_;
};

class awaited_countdown : public runtime::awaitable {
 public:
  bool await_ready() const noexcept {
    GOBENCH_INTERNAL_SCOPE();
    return count_.zero();
  }

 protected:
  awaited_countdown(countdown& count, runtime::wait_info why) noexcept : count_(count), why_(why) {}
  ~awaited_countdown() = default;

 private:
  void block() override { count_.wait(why_); }
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;

  countdown& count_;
  const runtime::wait_info why_;
  wait_node node_;
};

class [[nodiscard]] awaited_wait_group : public awaited_countdown {
 public:
  explicit awaited_wait_group(wait_group& wanted) noexcept
      : awaited_countdown(wanted.count_, {runtime::wait_reason::wait_group, &wanted}),
        group_(wanted) {}
  void await_resume() const {
    GOBENCH_INTERNAL_SCOPE();
    group_.waited();
  }

 private:
  wait_group& group_;
};

class [[nodiscard]] awaited_latch : public awaited_countdown {
 public:
  explicit awaited_latch(latch& wanted) noexcept
      : awaited_countdown(wanted.count_, {runtime::wait_reason::latch, &wanted}), latch_(wanted) {}
  void await_resume() const noexcept { GOBENCH_HOOK(acquire(&latch_)); }

 private:
  [[maybe_unused]] latch& latch_;
};

// The part of a wait in which the lock is not held: unlocks it, and does not lock it again.
class [[nodiscard]] awaited_condition : public runtime::awaitable {
 public:
  awaited_condition(condition_variable& wanted, std::unique_lock<mutex>& lock) noexcept
      : queue_(wanted.any_.queue_), lock_(lock) {}
  bool await_ready() const;
  void await_resume() const noexcept { GOBENCH_HOOK(acquire(&node_)); }

 private:
  void block() override;
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;
  void discard() noexcept override { queue_.notify_one(); }

  condition_queue& queue_;
  std::unique_lock<mutex>& lock_;
  wait_node node_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
