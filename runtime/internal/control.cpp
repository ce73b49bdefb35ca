#include "runtime/internal/control.hpp"

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <new>
#include <string>

#include "runtime/errors.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// Blocks of one kind. A spin lock and batches: the processors keep caches of their own in front of it.
class control_pool {
 public:
  explicit control_pool(waiter_kind kind) : kind_(kind) {}

  control* take() {
    const std::scoped_lock held(lock_);
    if (free_ == nullptr) grow();
    control* block = free_;
    free_ = block->next;
    return block;
  }

  void give(control& block) noexcept {
    const std::scoped_lock held(lock_);
    block.next = free_;
    free_ = &block;
  }

  template <class Visit>
  void each(Visit visit) {
    const std::scoped_lock held(lock_);
    for (control* slab : slabs_)
      for (std::size_t i = 0; i < slab_blocks; ++i) visit(slab[i]);
  }

 private:
  static constexpr std::size_t slab_blocks = 64;

  void grow() {
    auto* slab = static_cast<control*>(
        ::operator new (sizeof(control) * slab_blocks, std::align_val_t{alignof(control)}));
    slabs_.push_back(slab);
    for (std::size_t i = slab_blocks; i-- > 0;) {
      ::new (static_cast<void*>(slab + i)) control(kind_);
      slab[i].next = free_;
      free_ = slab + i;
    }
  }

  const waiter_kind kind_;
  spin_lock lock_;
  control* free_ = nullptr;
  std::vector<control*> slabs_;
};

control_pool& pool_of(waiter_kind kind) {
  // Never destroyed: a late unpark() may come from a thread that outlives main().
  static auto& fibers = *new control_pool(waiter_kind::fiber);
  static auto& threads = *new control_pool(waiter_kind::thread_task);
  return kind == waiter_kind::fiber ? fibers : threads;
}

std::atomic<std::uint64_t> next_id{1};

void recycle(control& task) noexcept {
  task.failure = nullptr;
  task.id.store(0, std::memory_order_release);  // pairs with lives_in()
  pool_of(task.kind).give(task);
}

}  // namespace

control& take_control(waiter_kind kind, source_location born) {
  control& task = *pool_of(kind).take();
  task.context = nullptr;
  task.next = nullptr;
  task.lent = nullptr;
  task.exceptions = {};
  task.record = nullptr;
  task.state = task_state::fresh;
  task.is_main = false;
  task.in_blocking.store(0, std::memory_order_relaxed);
  task.blocking_depth = 0;
  task.ending.store(control::running, std::memory_order_relaxed);
  task.run_ended.store(false, std::memory_order_relaxed);
  task.reason.store(wait_reason::none, std::memory_order_relaxed);
  task.at_rest.store(false, std::memory_order_relaxed);
  task.refusals = 0;
  task.yields_after_end = 0;
  task.spins.store(false, std::memory_order_relaxed);
  task.born = born;
  // Release pairs with hold_live_tasks(), which may come upon the block at any time.
  task.references.store(2, std::memory_order_release);
  return task;
}

void number_control(control& fresh, std::uint64_t run) noexcept {
  fresh.run.store(run, std::memory_order_relaxed);
  // Release pairs with lives_in().
  fresh.id.store(next_id.fetch_add(1, std::memory_order_relaxed), std::memory_order_release);
}

void drop_reference(control& task) noexcept {
  // Release: what this owner did with the block; acquire: the last one sees what all did.
  if (task.references.fetch_sub(1, std::memory_order_acq_rel) == 1) recycle(task);
}

void finish_control(control& task) noexcept {
  task.state = task_state::finished;
  // Release publishes the task's effects and its failure to join(); acquire takes the joiner.
  const std::uintptr_t before = task.ending.exchange(control::finished, std::memory_order_acq_rel);
  if (before == control::dropped) {
    if (task.failure != nullptr && !task.run_ended.load(std::memory_order_relaxed))
      die_of_exception(task, task.failure);
  } else if (before != control::running) {
    unpark(*reinterpret_cast<waiter*>(before));
  }
  drop_reference(task);
}

namespace {

bool lives_in(const control& task, std::uint64_t run) noexcept {
  return task.id.load(std::memory_order_acquire) != 0 &&
         task.run.load(std::memory_order_relaxed) == run &&
         task.ending.load(std::memory_order_acquire) != control::finished;
}

// Takes a reference unless the last one is gone, after which the block may serve another task.
bool try_hold(control& task) noexcept {
  std::uint32_t seen = task.references.load(std::memory_order_relaxed);
  while (seen != 0) {
    // Acquire pairs with the release in take_control().
    if (task.references.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire,
                                              std::memory_order_relaxed))
      return true;
  }
  return false;
}

void sort_by_age(std::vector<control*>& tasks) {
  std::ranges::sort(tasks, {},
                    [](const control* task) { return task->id.load(std::memory_order_relaxed); });
}

}  // namespace

std::vector<control*> live_tasks(std::uint64_t run) {
  std::vector<control*> found;
  for (const waiter_kind kind : {waiter_kind::fiber, waiter_kind::thread_task}) {
    pool_of(kind).each([&](control& task) {
      if (lives_in(task, run)) found.push_back(&task);
    });
  }
  sort_by_age(found);
  return found;
}

bool all_parked(std::uint64_t run) {
  return std::ranges::all_of(live_tasks(run), [](const control* task) {
    return task->permit.load(std::memory_order_acquire) >= permit_parked;
  });
}

std::vector<control*> hold_live_tasks(std::uint64_t run) {
  std::vector<control*> held;
  for (const waiter_kind kind : {waiter_kind::fiber, waiter_kind::thread_task}) {
    pool_of(kind).each([&](control& task) {
      if (try_hold(task)) held.push_back(&task);
    });
  }
  // Not in the visit: the last reference would go back to the pool that is being visited.
  std::erase_if(held, [&](control* task) {
    const bool over = !lives_in(*task, run);
    if (over) drop_reference(*task);
    return over;
  });
  sort_by_age(held);
  return held;
}

std::exception_ptr ended_failure() {
  return std::make_exception_ptr(
      run_ended("the run ended before the task did, so it cannot be joined"));
}

std::string name_of(const control& task) {
  std::string name = task.is_main ? "the main task" : "task ";
  if (!task.is_main) name += std::to_string(task.id.load(std::memory_order_relaxed));
  name += ", spawned at ";
  name += task.born.file_name();
  name += ':';
  name += std::to_string(task.born.line());
  return name;
}

void die_of_exception(const control& task, const std::exception_ptr& failure) noexcept {
  std::string what = "an exception of unknown type";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& caught) {
    what = caught.what();
  } catch (...) {
    // Its type says nothing about a message.
  }
  const std::string sentence = "gobench: an exception left " + name_of(task) +
                               ", and no handle is left to join it: " + what +
                               "; catch it in the task, or keep the handle and join() it.\n";
  std::fputs(sentence.c_str(), stderr);
  std::fflush(stderr);
  try {
    std::rethrow_exception(failure);
  } catch (...) {
    std::terminate();  // inside the handler, so that a terminate handler can look at it
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
