#include "primitives/task_group.hpp"

#include <mutex>

#include "runtime/errors.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

task_group::task_group(const gobench::context& parent)
    : shared_([&] {
        GOBENCH_INTERNAL_SCOPE();
        return std::make_shared<shared_state>(parent);
      }()) {}

task_group::~task_group() {
  GOBENCH_INTERNAL_SCOPE();
  shared_->cancel();
  try {
    shared_->active.wait();
  } catch (const runtime::ended_exception&) {
    // The run has ended under us, and under the tasks: they hold what they share with us.
  }
  shared_.reset();
}

void task_group::limit(int n) {
  GOBENCH_INTERNAL_SCOPE();
  // Relaxed: it is there to notice misuse. Who has waited for the tasks is ordered after them anyway.
  if (shared_->count.load(std::memory_order_relaxed) != 0)
    throw misuse("limit of a task_group whose tasks are active: set it before the first go()");
  shared_->units = n < 0 ? nullptr : std::make_unique<semaphore>(n);
}

void task_group::wait() {
  GOBENCH_OPERATION(wait, shared_.get());
  shared_->active.wait();
  shared_->cancel();
  std::exception_ptr first;
  {
    const std::scoped_lock held(shared_->lock);
    first = shared_->first;
  }
  if (first != nullptr) std::rethrow_exception(first);
}

void task_group::shared_state::failed(std::exception_ptr with) noexcept {
  GOBENCH_INTERNAL_SCOPE();
  {
    const std::scoped_lock held(lock);
    if (first != nullptr) return;
    first.swap(with);
  }
  cancel();
}

void task_group::shared_state::leave() noexcept {
  if (units != nullptr) units->release();
  count.fetch_sub(1, std::memory_order_relaxed);  // after that limit() may replace the units
  active.done();
}

task_group::seat::seat(std::shared_ptr<shared_state> group) : group_(std::move(group)) {
  group_->count.fetch_add(1, std::memory_order_relaxed);
  group_->active.add();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
