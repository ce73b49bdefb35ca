// Threads: their making, their end, join and detach.
//
// Invariants
// - A task is made by the parent before the real thread, which is the edge to its start; the thread becomes the
//   task before its first instruction of the program.
// - The start block belongs to parent and child, and who lets go of it last frees it: neither touches it
//   afterwards, since the other may have.
// - A thread is in the thread table before the program can know its identifier: both sides try, the first one
//   enters it, the other waits until it is in.
// - A thread finishes in the last round of its key destructors, as the first one there: destructors of the
//   program's thread-local data run as the task.
// - Signals are blocked from before the real creation until the child is a task, and from its end on: a handler
//   runs as some task.
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>

#include "detector/blocking/blocking.hpp"
#include "detector/engine/arena.hpp"
#include "detector/engine/small_blocks.hpp"
#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/promises.hpp"
#include "detector/interpose/real.hpp"
#include "detector/interpose/robust.hpp"
#include "detector/interpose/thread_table.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(pthread_create);
GOBENCH_REAL(pthread_join);
GOBENCH_REAL(pthread_tryjoin_np);
GOBENCH_REAL(pthread_timedjoin_np);
GOBENCH_REAL(pthread_clockjoin_np);
GOBENCH_REAL(pthread_detach);
GOBENCH_REAL(pthread_cancel);
GOBENCH_REAL(pthread_testcancel);
GOBENCH_REAL(pthread_setname_np);
GOBENCH_REAL(pthread_sigmask);

namespace {

using thread_function = void* (*)(void*);

// Their addresses stand for cancellations, by thread; two threads that share a place share an edge. Not the
// identifier itself, which points into memory that is forgotten when the thread starts.
constinit std::array<std::uint64_t, 2 * 256> cancellations{};

const void* cancellation_of(pthread_t thread) noexcept {
  return &cancellations[2 * (((thread >> 6) * 0x9E3779B97F4A7C15u) >> 56)];
}

// How far a thread's entry into the thread table is.
enum class entry_state : std::uint8_t { nobody, being_made, made };

struct start_block {
  thread_function run;
  void* argument;
  task_state* task;
  sigset_t signals;
  bool detached;
  explore::thread_record* explored;
  std::atomic<entry_state> entry{entry_state::nobody};
  std::atomic<unsigned> users{2};
};

constinit pthread_key_t end_key{};
constinit bool end_key_made = false;

// The acquire half pairs with the release half of the other side: what it did with the block is before its end.
void let_go(start_block* block) noexcept {
  if (block->users.fetch_sub(1, std::memory_order_acq_rel) == 1) arena::deallocate(block);
}

void enter_into_table(start_block& block, pthread_t thread) noexcept {
  entry_state seen = entry_state::nobody;
  if (block.entry.compare_exchange_strong(seen, entry_state::being_made,
                                          std::memory_order_acq_rel)) {
    thread_table::add(thread, block.task, block.detached);
    block.entry.store(entry_state::made, std::memory_order_release);  // pairs with the load below
    return;
  }
  while (block.entry.load(std::memory_order_acquire) != entry_state::made) ::sched_yield();
}

void finish_thread() noexcept {
  sigset_t all;
  sigfillset(&all);
  real_pthread_sigmask(SIG_SETMASK, &all, nullptr);
  const bool may_free_locks = robust_mutexes_of_thread_end();
  thread_table::finished(::pthread_self());
  thread_finished();
  small_blocks::thread_exit();
  explore::ends(may_free_locks);
}

// Each round of destructors that sets a value again is followed by another one, PTHREAD_DESTRUCTOR_ITERATIONS in
// all. The value counts the rounds left.
void at_thread_end(void* value) {
  const auto left = reinterpret_cast<std::uintptr_t>(value);
  if (left > 1) {
    promises_of_thread_end();
    ::pthread_setspecific(end_key, reinterpret_cast<void*>(left - 1));
  } else {
    finish_thread();
  }
}

void watch_thread_end() noexcept {
  if (end_key_made)
    ::pthread_setspecific(end_key,
                          reinterpret_cast<void*>(std::uintptr_t{PTHREAD_DESTRUCTOR_ITERATIONS}));
}

void* thread_main(void* given) {
  auto* block = static_cast<start_block*>(given);
  const thread_function run = block->run;
  void* argument = block->argument;
  const sigset_t signals = block->signals;
  explore::begins(block->explored);
  thread_started(block->task);
  {
    const internal_scope inside;
    watch_thread_end();
    enter_into_table(*block, ::pthread_self());
    let_go(block);
  }
  real_pthread_sigmask(SIG_SETMASK, &signals, nullptr);
  return run(argument);
}

bool made_detached(const pthread_attr_t* attributes) noexcept {
  int state = PTHREAD_CREATE_JOINABLE;
  if (attributes != nullptr) ::pthread_attr_getdetachstate(attributes, &state);
  return state == PTHREAD_CREATE_DETACHED;
}

int create(pthread_t* thread, const pthread_attr_t* attributes, thread_function run, void* argument,
           address pc) {
  const bool detached = made_detached(attributes);
  explore::thread_record* const explored = explore::creates(pc);
  pthread_attr_t joinable;
  if (explored != nullptr && detached) {
    joinable = *attributes;
    ::pthread_attr_setdetachstate(&joinable, PTHREAD_CREATE_JOINABLE);
    attributes = &joinable;
  }
  start_block* block = nullptr;
  sigset_t all;
  sigfillset(&all);
  {
    const internal_scope inside;
    void* memory = arena::allocate(sizeof(start_block));
    if (memory == nullptr) {
      explore::not_created(explored);
      return EAGAIN;
    }
    block = new (memory) start_block{};
    block->run = run;
    block->argument = argument;
    block->detached = detached;
    block->explored = explored;
  }
  block->task = task_created(task_kind::thread, pc, detached);
  task_state* task = block->task;
  real_pthread_sigmask(SIG_SETMASK, &all, &block->signals);
  const sigset_t signals = block->signals;
  const int failed = real_pthread_create(thread, attributes, &thread_main, block);
  {
    const internal_scope inside;
    if (failed != 0) {
      explore::not_created(explored);
      // It never ran; nobody will join it.
      fiber_finished(task);
      if (!detached) task_detached(task);
      arena::deallocate(block);
    } else {
      explore::created(explored, *thread, detached);
      enter_into_table(*block, *thread);
      let_go(block);
    }
  }
  real_pthread_sigmask(SIG_SETMASK, &signals, nullptr);
  return failed;
}

// The task is looked up before the join: afterwards another thread may have the same identifier.
template <typename Join>
int join(pthread_t thread, bool timed, address pc, Join real_join) {
  if (explore::controls())
    explore::step(explore::operation::join, explore::key_of(explore::find(thread)), pc);
  task_state* task = thread_table::find(thread);
  int failed = 0;
  {
    const blocking::wait_scope waiting{blocking::wait_kind::join, task, pc, timed};
    failed = cancellation_point(real_join);
  }
  if (failed != 0 || task == nullptr) return failed;
  thread_table::remove(thread, task);
  task_joined(task);
  return 0;
}

}  // namespace

void cancelled() noexcept { acquire(cancellation_of(::pthread_self())); }

void start_threads() noexcept {
  end_key_made = ::pthread_key_create(&end_key, &at_thread_end) == 0;
  watch_thread_end();
  thread_table::add(::pthread_self(), current(), false);
}

void become_task(address born) noexcept {
  task_state* task = task_created(task_kind::thread, born, true);
  thread_started(task);
  const internal_scope inside;
  watch_thread_end();
  thread_table::add(::pthread_self(), task, true);
}

GOBENCH_INTERPOSED(int, pthread_create, pthread_t* thread, const pthread_attr_t* attributes,
                   void* (*run)(void*), void* argument) {
  if (is_internal()) return real_pthread_create(thread, attributes, run, argument);
  return create(thread, attributes, run, argument, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(int, pthread_join, pthread_t thread, void** result) {
  if (is_internal()) return real_pthread_join(thread, result);
  const address pc = GOBENCH_CALLER_PC();
  return join(thread, false, pc, [=] {
    return explore::controls() ? explore::join(thread, result, explore::never, pc)
                               : real_pthread_join(thread, result);
  });
}

GOBENCH_INTERPOSED(int, pthread_tryjoin_np, pthread_t thread, void** result) {
  if (is_internal()) return real_pthread_tryjoin_np(thread, result);
  return join(thread, true, GOBENCH_CALLER_PC(), [=] {
    return explore::controls() ? explore::try_join(thread, result)
                               : real_pthread_tryjoin_np(thread, result);
  });
}

GOBENCH_INTERPOSED(int, pthread_timedjoin_np, pthread_t thread, void** result,
                   const timespec* until) {
  if (is_internal()) return real_pthread_timedjoin_np(thread, result, until);
  const address pc = GOBENCH_CALLER_PC();
  return join(thread, true, pc, [=] {
    return explore::controls()
               ? explore::join(thread, result, explore::deadline_of(CLOCK_REALTIME, until), pc)
               : real_pthread_timedjoin_np(thread, result, until);
  });
}

GOBENCH_INTERPOSED(int, pthread_clockjoin_np, pthread_t thread, void** result, clockid_t clock,
                   const timespec* until) {
  if (is_internal()) return real_pthread_clockjoin_np(thread, result, clock, until);
  const address pc = GOBENCH_CALLER_PC();
  return join(thread, true, pc, [=] {
    return explore::controls()
               ? explore::join(thread, result, explore::deadline_of(clock, until), pc)
               : real_pthread_clockjoin_np(thread, result, clock, until);
  });
}

GOBENCH_INTERPOSED(int, pthread_detach, pthread_t thread) {
  if (is_internal()) return real_pthread_detach(thread);
  // Before the real one: afterwards the identifier may be another thread's.
  task_state* task = thread_table::detach(thread);
  const int failed = explore::on ? explore::detach(thread) : real_pthread_detach(thread);
  if (failed == 0 && task != nullptr) task_detached(task);
  return failed;
}

GOBENCH_INTERPOSED(int, pthread_cancel, pthread_t thread) {
  explore::step(explore::operation::other, nullptr, GOBENCH_CALLER_PC());
  if (!is_internal()) release_merge(cancellation_of(thread));
  const int failed = real_pthread_cancel(thread);
  if (explore::controls()) explore::interrupt(explore::find(thread));
  return failed;
}

GOBENCH_INTERPOSED(void, pthread_testcancel, ) {
  if (is_internal()) return real_pthread_testcancel();
  explore::step(explore::operation::other, nullptr, GOBENCH_CALLER_PC());
  cancellation_point([] { real_pthread_testcancel(); });
}

GOBENCH_INTERPOSED(int, pthread_setname_np, pthread_t thread, const char* name) {
  if (!is_internal()) {
    if (task_state* task = thread_table::find(thread); task != nullptr) set_task_name(task, name);
  }
  return real_pthread_setname_np(thread, name);
}

}  // namespace gobench::detector::interpose
