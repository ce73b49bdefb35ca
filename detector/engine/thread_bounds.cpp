#include "detector/engine/thread_bounds.hpp"

#include <link.h>
#include <pthread.h>
#include <sys/auxv.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>

namespace gobench::detector {

namespace {

// The main thread's thread-local block was made by the dynamic linker: it goes from the first module's variables to
// the thread's descriptor.
void find_main_thread_locals(task_state& task) noexcept {
  task.tls_high = reinterpret_cast<address>(pthread_self());
  task.tls_low = task.tls_high;
  ::dl_iterate_phdr(
      [](dl_phdr_info* module, std::size_t, void* into) {
        auto& low = *static_cast<address*>(into);
        if (module->dlpi_tls_data != nullptr)
          low = std::min(low, reinterpret_cast<address>(module->dlpi_tls_data));
        return 0;
      },
      &task.tls_low);
}

}  // namespace

void find_thread_bounds(task_state& task) noexcept {
  if (task.kind == task_kind::main_thread) {
    // Its stack grows; asking pthread for it reads a file.
    find_main_thread_locals(task);
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

bounds main_stack() noexcept {
  // The kernel puts the name of the program on top of the stack, and maps nothing near below it.
  const char* const top = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  if (top == nullptr) return {};
  constexpr address page = 4096;
  constexpr address most = address{128} << 20U;
  bounds found;
  found.high = (reinterpret_cast<address>(top) + std::strlen(top) + page) & ~(page - 1);
  rlimit limit{};
  const bool limited = ::getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  found.low = found.high - (limited ? std::min<address>(limit.rlim_cur, most) : most);
  return found;
}

}  // namespace gobench::detector
