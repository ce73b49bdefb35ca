// OS threads as the runtime needs them: with a chosen stack size and an alternate signal stack.
#pragma once

#include <pthread.h>

#include <cstddef>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Starts a thread that runs main(argument). stack_bytes 0 means the system's default. Throws
// std::system_error with the limit that was hit in its sentence.
pthread_t start_os_thread(void* (*main)(void*), void* argument, std::size_t stack_bytes);

// The same for a thread that serves the runtime and is no part of the program. Nobody joins it.
void start_service_thread(void* (*main)(void*), void* argument, std::size_t stack_bytes);

// The kernel's number of the calling thread.
int this_thread_number() noexcept;

// While it lives, signals such as a stack overflow are handled on a stack of their own.
class signal_stack {
 public:
  signal_stack();
  ~signal_stack();
  signal_stack(const signal_stack&) = delete;
  signal_stack& operator=(const signal_stack&) = delete;

 private:
  void* memory_ = nullptr;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
