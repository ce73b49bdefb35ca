#include "runtime/blocking.hpp"

#include "runtime/instrument.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/thread_backend.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

void enter_blocking() {
  GOBENCH_INTERNAL_SCOPE();
  if (worker* w = this_worker(); w != nullptr && w->running() != nullptr) {
    if (!w->ending) w->home->enter_blocking(*w);
  } else if (control* task = this_thread_task()) {
    thread_backend::instance().enter_blocking(*task);
  }
}

__attribute__((noinline)) static void set_errno(int value) noexcept { errno = value; }

void leave_blocking(int saved_errno) {
  GOBENCH_INTERNAL_SCOPE();
  if (worker* w = this_worker(); w != nullptr && w->running() != nullptr) {
    if (!w->ending) w->home->leave_blocking(*w);
  } else if (control* task = this_thread_task()) {
    thread_backend::instance().leave_blocking(*task);
  }
  // Perhaps on another thread than before: written through a call, so that no address is kept.
  set_errno(saved_errno);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
