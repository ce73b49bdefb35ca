#include "primitives/internal/awaited_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {
namespace {

// Settles a wait that gives up; whether it had come to nothing.
template <class Settle>
bool came_to_nothing(Settle settle) noexcept {
  wait_outcome outcome{};
  static_cast<void>(settle(runtime::park_result::ended, outcome));
  return outcome != wait_outcome::granted;
}

}  // namespace

// ---- mutex ----

bool awaited_mutex::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  GOBENCH_HOOK(lock_waited_for(&mutex_, instrument::lock_mode::exclusive));
  plan.why = {runtime::wait_reason::mutex, &mutex_};
  attempt_.node.who = &self;
  if (!mutex_.take_or_queue(attempt_)) return true;
  mutex_.locked();
  return false;
}

bool awaited_mutex::after_wake(runtime::park_result why) noexcept {
  bool taken = false;
  if (!mutex_.settle_lock(attempt_, why, taken)) return false;
  if (taken) mutex_.locked();
  return true;
}

bool awaited_mutex::give_up() noexcept {
  bool taken = false;
  static_cast<void>(mutex_.settle_lock(attempt_, runtime::park_result::ended, taken));
  if (taken) mutex_.locked();
  return !taken;
}

// ---- semaphore ----

bool awaited_semaphore::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  plan.why = {runtime::wait_reason::semaphore, &semaphore_};
  node_.who = &self;
  return semaphore_.begin_acquire(units_, node_);
}

bool awaited_semaphore::after_wake(runtime::park_result why) noexcept {
  wait_outcome outcome{};
  return semaphore_.settle_acquire(node_, why, outcome);
}

bool awaited_semaphore::give_up() noexcept {
  return came_to_nothing([&](runtime::park_result why, wait_outcome& outcome) {
    return semaphore_.settle_acquire(node_, why, outcome);
  });
}

// ---- event ----

bool awaited_event::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  plan.why = {runtime::wait_reason::event, &event_};
  node_.who = &self;
  return event_.begin_wait(node_);
}

bool awaited_event::after_wake(runtime::park_result why) noexcept {
  wait_outcome outcome{};
  return event_.settle_wait(node_, why, outcome);
}

bool awaited_event::give_up() noexcept {
  return came_to_nothing([&](runtime::park_result why, wait_outcome& outcome) {
    return event_.settle_wait(node_, why, outcome);
  });
}

// ---- wait_group and latch ----

bool awaited_countdown::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  plan.why = why_;
  node_.who = &self;
  return count_.begin_wait(node_);
}

bool awaited_countdown::after_wake(runtime::park_result why) noexcept {
  wait_outcome outcome{};
  return count_.settle_wait(node_, why, outcome);
}

bool awaited_countdown::give_up() noexcept {
  return came_to_nothing([&](runtime::park_result why, wait_outcome& outcome) {
    return count_.settle_wait(node_, why, outcome);
  });
}

// ---- condition_variable ----

bool awaited_condition::await_ready() const {
  if (!lock_.owns_lock())
    throw misuse("wait on a condition variable without holding the lock; lock it before");
  return false;
}

void awaited_condition::block() {
  node_.who = &runtime::this_waiter();
  queue_.enter(node_);
  lock_.unlock();
  if (queue_.await(node_, runtime::no_deadline) == wait_outcome::ended) runtime::throw_ended();
}

bool awaited_condition::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  plan.why = {runtime::wait_reason::condition_variable, &queue_};
  node_.who = &self;
  queue_.enter(node_);
  lock_.unlock();
  return true;
}

bool awaited_condition::after_wake(runtime::park_result why) noexcept {
  wait_outcome outcome{};
  return queue_.settle(node_, why, outcome);
}

bool awaited_condition::give_up() noexcept {
  return came_to_nothing([&](runtime::park_result why, wait_outcome& outcome) {
    return queue_.settle(node_, why, outcome);
  });
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
