#include "runtime/internal/identity.hpp"

#include <mutex>

#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/thread_backend.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

struct foreign_waiter : waiter {
  foreign_waiter() noexcept : waiter(waiter_kind::foreign) {}
  foreign_waiter* next = nullptr;
};

// Waiters are never freed (runtime/park.hpp), only passed on to the next thread.
spin_lock pool_lock;
foreign_waiter* pool = nullptr;

thread_local control* carried = nullptr;
thread_local bool runtime_thread = false;

struct holder {
  foreign_waiter* mine = nullptr;
  ~holder() {
    if (mine == nullptr) return;
    const std::scoped_lock held(pool_lock);
    mine->next = pool;
    pool = mine;
    mine = nullptr;
  }
};
thread_local holder held_waiter;

}  // namespace

waiter& thread_waiter() {
  asm volatile("");
  if (carried != nullptr) return *carried;
  if (held_waiter.mine == nullptr) {
    {
      const std::scoped_lock held(pool_lock);
      held_waiter.mine = pool;
      if (pool != nullptr) pool = pool->next;
    }
    if (held_waiter.mine == nullptr) held_waiter.mine = new foreign_waiter;
  }
  return *held_waiter.mine;
}

void set_thread_task(control* task) noexcept { carried = task; }
control* this_thread_task() noexcept { return carried; }
void become_runtime_thread() noexcept { runtime_thread = true; }

void note_outsider() noexcept {
  if (carried != nullptr || runtime_thread || this_worker() != nullptr) return;
  scheduler::instance().note_outsider();
  thread_backend::instance().note_outsider();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
