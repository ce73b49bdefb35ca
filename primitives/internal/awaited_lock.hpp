// A coroutine's wait for a lock, a semaphore, an event or a wait_group: their waits in the halves of
// runtime/suspension.hpp.
#pragma once

#include <cstdint>
#include <mutex>

#include "primitives/event.hpp"
#include "primitives/internal/wait_queue.hpp"
#include "primitives/mutex.hpp"
#include "primitives/semaphore.hpp"
#include "primitives/wait_group.hpp"
#include "runtime/flavour.hpp"
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

class [[nodiscard]] awaited_wait_group : public runtime::awaitable {
 public:
  explicit awaited_wait_group(wait_group& wanted) noexcept : group_(wanted) {}
  bool await_ready() const noexcept { return group_.count_.zero(); }
  void await_resume() const { group_.waited(); }

 private:
  void block() override { group_.wait(); }
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;

  wait_group& group_;
  wait_node node_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
