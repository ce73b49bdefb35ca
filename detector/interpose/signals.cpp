// Signal handlers run under the detector.
//
// Invariants
// - The kernel knows one handler, `on_signal`, for all signals that the program handles; `handlers` has the
//   program's own. Asking for the handler of a signal gives the program's.
// - A handler never runs while its thread is inside the detector: it is kept and runs when the thread leaves.
//   Signals that the thread's own instruction raised cannot wait and run at once.
// - Kept signals wait in a list of the thread, oldest first; a record is taken out before its handler runs, which
//   may leave by longjmp.
// - Everything here may run in a handler: no locks but `changing`, which is held by internal threads only, and
//   errno is as it was.
#include "detector/interpose/signals.hpp"
#include "detector/explore/explore.hpp"

#include <signal.h>
#include <ucontext.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include "detector/interpose/bytes.hpp"
#include "detector/interpose/interpose.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(sigaction, int(int, const struct sigaction*, struct sigaction*));
GOBENCH_REAL(pthread_sigmask);

namespace {

using plain_handler = void (*)(int);
using full_handler = void (*)(int, siginfo_t*, void*);

// What the program asked for. `handler` is null until a handler was set.
struct user_handler {
  std::atomic<void*> handler;
  std::atomic<bool> full;  // SA_SIGINFO
  sigset_t mask;
  int flags;
};

struct kept_signal {
  std::atomic<bool> used;
  int number;
  siginfo_t info;
  ucontext_t context;
  kept_signal* next;
};

constinit std::array<user_handler, signal_count> handlers{};
// The addresses stand for the signals: who sends releases, who handles acquires.
constinit std::array<std::uint64_t, 2 * signal_count> edges{};
constinit std::uint64_t timers = 0;
constinit std::atomic_flag changing{};
constinit std::array<kept_signal, 256> records{};
constinit thread_local kept_signal* oldest = nullptr;

bool valid(int number) noexcept { return number > 0 && number < signal_count; }

const void* edge_of(int number) noexcept { return &edges[2 * static_cast<std::size_t>(number)]; }

// SIGABRT and the like come from the thread itself where it raised them; those wait for nobody either, but the
// thread is not inside the detector when the program raises.
bool raised_by_instruction(int number, const siginfo_t& info) noexcept {
  switch (number) {
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGFPE:
    case SIGTRAP:
    case SIGSYS:
      return info.si_code > 0;
    default:
      return false;
  }
}

void run_handler(int number, siginfo_t* info, void* context) {
  user_handler& of = handlers[static_cast<std::size_t>(number)];
  // Relaxed, both: a handler that is being changed may be either.
  void* handler = of.handler.load(std::memory_order_relaxed);
  if (handler == nullptr) return;
  signal_handler_begins();
  acquire(edge_of(number));
  acquire(&timers);
  if (of.full.load(std::memory_order_relaxed)) {
    reinterpret_cast<full_handler>(handler)(number, info, context);
  } else {
    reinterpret_cast<plain_handler>(handler)(number);
  }
  signal_handler_ended();
}

// Linear: a thread keeps few signals, and rarely.
kept_signal* free_record() noexcept {
  for (kept_signal& record : records) {
    bool used = false;
    // Pairs with the release where the record is given back.
    if (record.used.compare_exchange_strong(used, true, std::memory_order_acquire,
                                            std::memory_order_relaxed))
      return &record;
  }
  return nullptr;
}

bool kept_already(int number) noexcept {
  for (const kept_signal* at = oldest; at != nullptr; at = at->next)
    if (at->number == number) return true;
  return false;
}

// Called in a handler of a thread that is inside the detector, where no other handler changes the list: all
// signals are blocked in `on_signal` until it is done.
void keep(int number, const siginfo_t& info, const void* context) noexcept {
  if (number < SIGRTMIN && kept_already(number)) return;  // as the kernel does with pending ones
  kept_signal* record = free_record();
  if (record == nullptr) return;  // 256 kept at one time: as with a full queue, it is lost
  record->number = number;
  record->next = nullptr;
  bytes::copy(&record->info, &info, sizeof info);
  bytes::copy(&record->context, context, sizeof(ucontext_t));
  record->context.uc_mcontext.fpregs = &record->context.__fpregs_mem;
  kept_signal** at = &oldest;
  while (*at != nullptr) at = &(*at)->next;
  *at = record;
  note_deferred_signal();
  explore::signal_waits_for_caller();
}

void on_signal(int number, siginfo_t* info, void* context) {
  const int error = errno;
  if (!raised_by_instruction(number, *info) && must_defer_signal()) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    real_pthread_sigmask(SIG_SETMASK, &all, &before);
    keep(number, *info, context);
    real_pthread_sigmask(SIG_SETMASK, &before, nullptr);
  } else {
    run_handler(number, info, context);
  }
  errno = error;
}

// All signals are blocked; the handler runs with the mask that the kernel would have set, upon `before`.
void run_kept(kept_signal& record, const sigset_t& before) {
  const int number = record.number;
  siginfo_t info;
  ucontext_t context;
  bytes::copy(&info, &record.info, sizeof info);
  bytes::copy(&context, &record.context, sizeof context);
  context.uc_mcontext.fpregs = &context.__fpregs_mem;
  record.used.store(false, std::memory_order_release);  // pairs with free_record
  const user_handler& of = handlers[static_cast<std::size_t>(number)];
  sigset_t mask;
  sigorset(&mask, &before, &of.mask);
  if ((of.flags & SA_NODEFER) == 0) sigaddset(&mask, number);
  real_pthread_sigmask(SIG_SETMASK, &mask, nullptr);
  run_handler(number, &info, &context);
}

bool is_function(const struct sigaction& action) noexcept {
  return (action.sa_flags & SA_SIGINFO) != 0 ||
         (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN &&
          action.sa_handler != SIG_ERR);
}

void fill_from(struct sigaction& out, const user_handler& from) noexcept {
  void* handler = from.handler.load(std::memory_order_relaxed);  // under `changing`
  if (from.full.load(std::memory_order_relaxed)) {
    out.sa_sigaction = reinterpret_cast<full_handler>(handler);
  } else {
    out.sa_handler = reinterpret_cast<plain_handler>(handler);
  }
  out.sa_flags = from.flags;
  out.sa_mask = from.mask;
}

void remember(user_handler& to, const struct sigaction& action) noexcept {
  const bool full = (action.sa_flags & SA_SIGINFO) != 0;
  void* handler = full ? reinterpret_cast<void*>(action.sa_sigaction)
                       : reinterpret_cast<void*>(action.sa_handler);
  to.mask = action.sa_mask;
  to.flags = action.sa_flags;
  // A handler that runs now may see the one with the other's form: both are called with all three arguments
  // in the same registers.
  to.full.store(full, std::memory_order_relaxed);
  to.handler.store(handler, std::memory_order_relaxed);
}

// The list is under one lock for all signals: changes are rare.
class changing_handlers {
 public:
  changing_handlers() noexcept {
    while (changing.test_and_set(std::memory_order_acquire)) {  // pairs with the clear
    }
  }
  ~changing_handlers() { changing.clear(std::memory_order_release); }
  changing_handlers(const changing_handlers&) = delete;
  changing_handlers& operator=(const changing_handlers&) = delete;

 private:
  internal_scope inside_;
};

int change(int number, const struct sigaction* wanted, struct sigaction* old) noexcept {
  if (!valid(number)) return real_sigaction(number, wanted, old);
  if (wanted != nullptr) signal_sent(number);  // what was made ready for the handler is before it
  const changing_handlers hold;
  user_handler& of = handlers[static_cast<std::size_t>(number)];
  struct sigaction previous {};
  struct sigaction ours {};
  if (real_sigaction(number, nullptr, &previous) != 0) return -1;
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction == &on_signal)
    fill_from(previous, of);
  if (wanted != nullptr) {
    ours = *wanted;
    if (is_function(ours)) {
      remember(of, ours);
      ours.sa_sigaction = &on_signal;
      ours.sa_flags |= SA_SIGINFO;
    }
    if (real_sigaction(number, &ours, nullptr) != 0) return -1;  // SIGKILL and the like
  }
  if (old != nullptr) *old = previous;
  return 0;
}

plain_handler set_handler(int number, plain_handler handler, int flags) noexcept {
  struct sigaction wanted {};
  struct sigaction old {};
  wanted.sa_handler = handler;
  wanted.sa_flags = flags;
  if (change(number, &wanted, &old) != 0) return SIG_ERR;
  return old.sa_handler;
}

}  // namespace

void signal_sent(int number) noexcept {
  if (valid(number)) release_merge(edge_of(number));
}
void signal_received(int number) noexcept {
  if (valid(number)) acquire(edge_of(number));
}
bool is_handled(int number) noexcept {
  // Relaxed: whoever has set it is before who sends the signal, or may be late.
  return valid(number) && handlers[static_cast<std::size_t>(number)].handler.load(
                              std::memory_order_relaxed) != nullptr;
}

void timer_set() noexcept {
  release_merge(&timers);
  explore::somebody_outside_may_wake();
}
void timer_expired() noexcept { acquire(&timers); }

// The parent runs its own.
void signals_after_fork_in_child() noexcept {
  while (oldest != nullptr) {
    kept_signal* gone = oldest;
    oldest = gone->next;
    gone->used.store(false, std::memory_order_release);
  }
}

GOBENCH_INTERPOSED(int, sigaction, int number, const struct sigaction* wanted,
                   struct sigaction* old) {
  if (is_internal()) return real_sigaction(number, wanted, old);
  return change(number, wanted, old);
}

GOBENCH_INTERPOSED(plain_handler, signal, int number, plain_handler handler) {
  return set_handler(number, handler, SA_RESTART);
}
GOBENCH_INTERPOSED(plain_handler, bsd_signal, int number, plain_handler handler) {
  return set_handler(number, handler, SA_RESTART);
}
GOBENCH_INTERPOSED(plain_handler, ssignal, int number, plain_handler handler) {
  return set_handler(number, handler, SA_RESTART);
}
GOBENCH_INTERPOSED(plain_handler, sysv_signal, int number, plain_handler handler) {
  return set_handler(number, handler, static_cast<int>(SA_RESETHAND | SA_NODEFER));
}
GOBENCH_INTERPOSED(plain_handler, __sysv_signal, int number, plain_handler handler) {
  return set_handler(number, handler, static_cast<int>(SA_RESETHAND | SA_NODEFER));
}

}  // namespace gobench::detector::interpose

void gobench::detector::deliver_deferred_signals() noexcept {
  using namespace interpose;
  // A handler that comes here may itself be interrupted by one that delivers the rest: the list is only
  // touched while signals are blocked.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  while (oldest != nullptr) {
    real_pthread_sigmask(SIG_SETMASK, &all, &before);
    if (kept_signal* record = oldest; record != nullptr) {
      oldest = record->next;
      run_kept(*record, before);
    }
    real_pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
}
