#include "runtime/internal/os_thread.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {
constexpr std::size_t signal_stack_bytes = 64 * 1024;
}

pthread_t start_os_thread(void* (*main)(void*), void* argument, std::size_t stack_bytes) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (stack_bytes != 0) {
    const auto least = static_cast<std::size_t>(::sysconf(_SC_THREAD_STACK_MIN));
    pthread_attr_setstacksize(&attributes, std::max(stack_bytes, least));
  }
  pthread_t thread{};
  const int error = pthread_create(&thread, &attributes, main, argument);
  pthread_attr_destroy(&attributes);
  if (error != 0)
    throw std::system_error(error, std::generic_category(),
                            "cannot start another OS thread (look at `ulimit -u`, the cgroup's "
                            "pids.max and vm.max_map_count)");
  return thread;
}

void start_service_thread(void* (*main)(void*), void* argument, std::size_t stack_bytes) {
  const instrument::serving until_it_is_made;
  ::pthread_detach(start_os_thread(main, argument, stack_bytes));
}

int this_thread_number() noexcept { return static_cast<int>(::syscall(SYS_gettid)); }

signal_stack::signal_stack() {
  stack_t before{};
  // Whoever has set one up already (a sanitizer, the user) keeps it.
  if (::sigaltstack(nullptr, &before) == 0 && (before.ss_flags & SS_DISABLE) == 0) return;
  void* memory = ::mmap(nullptr, signal_stack_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return;  // an overflow then ends as a bare signal, nothing worse
  stack_t ours{};
  ours.ss_sp = memory;
  ours.ss_size = signal_stack_bytes;
  if (::sigaltstack(&ours, nullptr) == 0) {
    memory_ = memory;
  } else {
    ::munmap(memory, signal_stack_bytes);
  }
}

signal_stack::~signal_stack() {
  if (memory_ == nullptr) return;
  stack_t off{};
  off.ss_flags = SS_DISABLE;
  ::sigaltstack(&off, nullptr);
  ::munmap(memory_, signal_stack_bytes);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
