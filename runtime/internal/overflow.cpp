// Runs inside a signal handler, on a task that may have overflowed in the middle of malloc: nothing here
// allocates, locks or uses stdio.
#include "runtime/internal/overflow.hpp"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>

#include "runtime/internal/identity.hpp"
#include "runtime/internal/worker.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

struct bounds {
  std::uintptr_t low = 0;
  std::size_t size = 0;
  std::size_t guard = 0;
};

thread_local bounds own_stack;
struct sigaction previous_segv;
struct sigaction previous_bus;

// A frame larger than a page can fault below the guard; a little above it the stack is as good as full.
constexpr std::size_t reach_below = 64 * 1024;

class sentence {
 public:
  sentence& add(const char* text) noexcept {
    const std::size_t length = std::min(std::strlen(text), text_.size() - used_);
    std::memcpy(text_.data() + used_, text, length);
    used_ += length;
    return *this;
  }
  sentence& add(std::uint64_t number) noexcept {
    std::array<char, 24> digits{};
    std::size_t at = digits.size() - 1;
    do {
      digits[--at] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    return add(digits.data() + at);
  }
  void print() const noexcept {
    if (::write(STDERR_FILENO, text_.data(), used_) < 0) return;
  }

 private:
  std::array<char, 1024> text_{};
  std::size_t used_ = 0;
};

void tell(const control* task, std::size_t size) noexcept {
  sentence said;
  said.add("gobench: ");
  if (task == nullptr) {
    said.add("this thread");
  } else {
    if (task->is_main) {
      said.add("the main task");
    } else {
      said.add("task ").add(task->id.load(std::memory_order_relaxed));
    }
    said.add(", spawned at ").add(task->born.file_name()).add(":").add(task->born.line());
    said.add(",");
  }
  said.add(" has overflowed its stack of ").add(size).add(" bytes");
  said.add(
      ": give it a larger one with options::stack.reserve or GOBENCH_STACK, or recurse less.\n");
  said.print();
}

// Whether the fault lies at the low end of the stack of what runs here.
bool is_overflow(std::uintptr_t address) noexcept {
  if (const worker* w = this_worker()) {
    const control* task = w->running();
    if (task == nullptr || task->lent == nullptr) return false;
    if (task->lent->guard == guard_kind::growth) return false;  // it has no end
    const auto low = reinterpret_cast<std::uintptr_t>(task->lent->low);
    if (address >= low || address < low - page_bytes) return false;
    tell(task, task->lent->reserved());
    return true;
  }
  if (own_stack.low == 0) return false;
  const std::uintptr_t end = own_stack.low + own_stack.guard;
  if (address >= end || address < own_stack.low - reach_below) return false;
  tell(this_thread_task(), own_stack.size);
  return true;
}

void on_fault(int number, siginfo_t* info, void* machine) {
  struct sigaction& before = number == SIGBUS ? previous_bus : previous_segv;
  const bool ours =
      info->si_code > 0 && is_overflow(reinterpret_cast<std::uintptr_t>(info->si_addr));
  if (!ours && (before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(number, info, machine);
    return;
  }
  if (!ours && before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(number);
    return;
  }
  const bool sent = info->si_code <= 0;  // by kill() or raise(): there is no fault
  if (sent && before.sa_handler == SIG_IGN) return;
  // Faults again on return, without us: a core dump or a debugger shows the place itself.
  ::signal(number, SIG_DFL);
  if (sent) ::raise(number);
}

}  // namespace

void install_overflow_handler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction ours {};
    ours.sa_sigaction = &on_fault;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    ::sigemptyset(&ours.sa_mask);
    ::sigaction(SIGSEGV, &ours, &previous_segv);
    ::sigaction(SIGBUS, &ours, &previous_bus);
  });
}

thread_stack_bounds::thread_stack_bounds() noexcept {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return;
  void* low = nullptr;
  std::size_t size = 0;
  std::size_t guard = 0;
  if (::pthread_attr_getstack(&attributes, &low, &size) == 0 &&
      ::pthread_attr_getguardsize(&attributes, &guard) == 0) {
    own_stack = {reinterpret_cast<std::uintptr_t>(low), size, guard};
  }
  ::pthread_attr_destroy(&attributes);
}

thread_stack_bounds::~thread_stack_bounds() { own_stack = {}; }

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
