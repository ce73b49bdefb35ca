#include "detector/seam/seam_task.hpp"

#include <atomic>
#include <new>

namespace gobench::detector::seam {
namespace {

// The calling thread's own; `current_task` is null until the thread first comes here.
thread_local constinit task own_task;
thread_local constinit task* current_task = nullptr;

// Held for a few instructions; no hook is called in a signal handler.
class free_list {
 public:
  task* take() noexcept {
    lock();
    task* one = first_;
    if (one != nullptr) first_ = one->next_free;
    unlock();
    return one;
  }
  void give(task* first, task* last) noexcept {
    lock();
    last->next_free = first_;
    first_ = first;
    unlock();
  }

 private:
  void lock() noexcept {
    // Acquire pairs with the release in unlock().
    while (held_.exchange(true, std::memory_order_acquire)) {
    }
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

  std::atomic<bool> held_{false};
  task* first_ = nullptr;
};

constinit free_list idle;
constexpr int slab_tasks = 64;

}  // namespace

task& here() noexcept {
  if (current_task == nullptr) [[unlikely]] {
    own_task.state = current();
    current_task = &own_task;
  }
  return *current_task;
}

void become(task& one) noexcept { current_task = &one; }

task& take_task() {
  task* one = idle.take();
  if (one == nullptr) {
    const internal_scope from_arena;
    auto* slab = new task[slab_tasks];
    for (int i = 1; i + 1 < slab_tasks; ++i) slab[i].next_free = &slab[i + 1];
    idle.give(&slab[1], &slab[slab_tasks - 1]);
    one = slab;
  }
  *one = task{};
  return *one;
}

void give_task(task& one) noexcept { idle.give(&one, &one); }

}  // namespace gobench::detector::seam
