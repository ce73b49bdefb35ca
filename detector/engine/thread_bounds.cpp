#include "detector/engine/thread_bounds.hpp"

#include <pthread.h>

namespace gobench::detector {

void find_thread_bounds(task_state& task) noexcept {
  if (task.kind == task_kind::main_thread) {
    // Its stack grows, and asking pthread for it reads a file; who reports looks at /proc/self/maps.
    return;
  }
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  if (pthread_attr_getstack(&attributes, &low, &size) == 0) {
    const auto here = reinterpret_cast<address>(__builtin_frame_address(0));
    const auto start = reinterpret_cast<address>(low);
    if (here >= start && here < start + size) {
      task.stack_low = start;
      task.stack_high = start + size;
      // glibc puts the thread's descriptor and its static thread-local block on top of the stack.
      const auto self = reinterpret_cast<address>(pthread_self());
      if (self > here && self < start + size) {
        task.tls_low = here;
        task.tls_high = start + size;
      }
    }
  }
  pthread_attr_destroy(&attributes);
}

}  // namespace gobench::detector
