#include "detector/report/own_stack.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <cstddef>

namespace gobench::detector::reporting {
namespace {

constexpr std::size_t size = std::size_t{4} << 20;
constexpr std::size_t guard = 4096;

// makecontext() passes int arguments only. Guarded by the lock of the report.
using work_function = void (*)(void*);
constinit work_function the_work = nullptr;
constinit void* the_argument = nullptr;

void start() { the_work(the_argument); }

}  // namespace

void on_own_stack(void (*work)(void*), void* argument) noexcept {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return work(argument);
  ::mprotect(memory, guard, PROT_NONE);
  ucontext_t here;
  ucontext_t there;
  if (::getcontext(&there) == 0) {
    there.uc_stack.ss_sp = memory;
    there.uc_stack.ss_size = size;
    there.uc_link = &here;
    the_work = work;
    the_argument = argument;
    ::makecontext(&there, start, 0);
    ::swapcontext(&here, &there);
  } else {
    work(argument);
  }
  ::munmap(memory, size);
}

}  // namespace gobench::detector::reporting
