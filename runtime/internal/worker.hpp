// Processors (the right to run tasks, with their queues) and workers (the OS threads that hold one).
//
// Names after Go's scheduler: G is a control, P a processor, M a worker. A worker runs tasks only while
// it holds a processor; there are `limit` processors and as many workers as it takes.
#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/internal/control.hpp"
#include "runtime/internal/counts.hpp"
#include "runtime/internal/fresh_list.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/owner_lock.hpp"
#include "runtime/internal/run_queue.hpp"
#include "runtime/internal/stack.hpp"
#include "runtime/internal/timer_heap.hpp"
#include "runtime/internal/trace_point.hpp"
#include "runtime/random.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class scheduler;

// Who may change it: idle and retired <-> running under the scheduler's lock; running -> blocking by the
// owner; blocking -> running by compare-exchange, by the owner coming back or by whoever takes the
// processor over.
enum class processor_status : std::uint8_t { retired, idle, running, blocking };

// Free blocks for tasks, at most a bundle, and either none or a bundle more; see control.cpp.
struct control_cache {
  control* first = nullptr;
  control* spare = nullptr;
  int count = 0;
};

struct alignas(64) processor {
  explicit processor(int number) noexcept : index(number) {}

  const int index;

  // --- the owner's, mostly ---
  // What is queued here: next_task, fresh and queue change under it.
  owner_lock work;
  // The task readied last, which runs next: what it needs is warm. Others take it only from a
  // processor that does not get to it. Atomic only for guesses without the lock.
  std::atomic<control*> next_task{nullptr};
  std::uint32_t next_streak = 0;   // tasks taken from next_task since the others were last served
  std::uint32_t fresh_streak = 0;  // tasks taken from `fresh` since the queue was last served
  // Set when the owner has to leave the fast path: the run ends, or the processor retires.
  std::atomic<bool> attention{false};
  // With `attention`: the global queue goes before the local work, once. By the watchdog.
  std::atomic<bool> global_first{false};
  // Counts scheduling decisions; standing still, it tells that a task computes. Owner writes, relaxed.
  std::atomic<std::uint64_t> tick{0};
  // How long a task runs between two decisions, averaged over the last 64 in which nothing but fresh tasks was
  // taken from here, nor brought here: see scheduler::note_slice(). Unknown counts as long.
  std::atomic<std::uint32_t> slice_ns{1'000'000};
  std::int64_t sampled_at_ns = 0;  // 0: no stretch has begun
  std::uint64_t sampled_tick = 0;
  std::uint32_t disturbed_samples = 0;  // since the last that was not, and how many there may be
  std::uint32_t disturbed_allowed = 1;
  std::atomic<bool> disturbed{false};         // by a thief since the last sample; set by thieves
  std::atomic<std::int64_t> robbed_at_ns{0};  // when a thief last took what had run
  std::atomic<bool> keeps{false};  // thieves leave alone what has run, so that it can be measured
  random_source random;
  stack* stacks = nullptr;
  int stack_count = 0;
  int least_stacks = 0;  // while it was idle, since the watchdog last looked: those to give back
  std::int64_t idle_since_ns = 0;  // for a trace; under the scheduler's lock
  control_cache fiber_controls;
  control_cache coroutine_controls;

  fresh_list fresh;
  // The oldest fresh task at the last slow tick, since when it was that, and whether it has waited long.
  const control* oldest_fresh = nullptr;
  std::int64_t oldest_fresh_since_ns = 0;
  std::atomic<bool> fresh_overdue{false};

  run_queue queue;
  timer_heap timers;
  std::atomic<processor_status> status{processor_status::retired};
  processor_counts counts;

  // --- the watchdog's ---
  std::uint64_t tick_seen = 0;
  bool blocking_seen = false;
  std::int64_t same_tick_since_ns = 0;

  std::uint32_t queued() const noexcept {
    return queue.size() + fresh.size() +
           (next_task.load(std::memory_order_relaxed) != nullptr ? 1 : 0);
  }
  // How long the work that waits here will keep the owner busy, as far as one can tell.
  std::int64_t queued_ns() const noexcept {
    return std::int64_t{queued()} * slice_ns.load(std::memory_order_relaxed);
  }
};

// What to do with the task that was just left, once it is off its stack.
enum class leave : std::uint8_t {
  none,            // nothing was left but the scheduling loop
  park,            // publish it as parked
  requeue,         // it yielded
  requeue_global,  // it came back from a blocking call and found no processor
  finish,          // it has ended
  forget,          // it is never resumed
};

// Phases of a worker, for the end of the run.
enum worker_phase : std::uint32_t {
  worker_active = 0,
  worker_blocking = 1,   // in blocking(): may be left behind
  worker_abandoned = 2,  // was left behind; never touches the runtime again
  worker_gone = 3,
  worker_never_started = 4,  // the kernel refused the thread
};

struct worker {
  scheduler* home = nullptr;
  processor* p = nullptr;  // null while blocking or asleep
  // What runs here; null in the scheduling loop. Written by this worker only, relaxed.
  std::atomic<control*> current{nullptr};
  control* running() const noexcept { return current.load(std::memory_order_relaxed); }

  // The switch in progress; see switching.cpp.
  boost::context::detail::fcontext_t loop_context = nullptr;
  control* leaving = nullptr;
  leave how = leave::none;
  stack* spare_stack = nullptr;  // what was left, where `leaving` is null and it was not the loop
  exception_state* exceptions = nullptr;  // the thread's own
  trace::buffer* trace = nullptr;         // null: nothing is traced
  exception_state loop_exceptions;
  instrument::task_record record = nullptr;
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
  const void* stack_low = nullptr;
  std::size_t stack_size = 0;
#endif

  bool segmented = false;  // its fibers' stacks are: a switch has more to exchange
  bool spinning = false;   // counted in scheduler::spinning_
  bool ending = false;     // the caller of run(), unwinding what is left
  bool gave_way = false;   // the task that it unwinds wants others to be unwound first
  int blocking_depth = 0;
  processor* left = nullptr;  // the processor it had when it entered blocking()
  std::int64_t timer_deadline = timer_heap::never;  // asleep until then; under the scheduler's lock
  worker* next_idle = nullptr;                      // under the scheduler's lock
  bool is_idle = false;                             // in the idle list; under the scheduler's lock
  processor* given = nullptr;                       // by whoever woke it; published by sleep_word
  std::atomic<std::uint32_t> sleep_word{0};         // 0 asleep, 1 woken
  bool in_poll =
      false;  // sleeps in epoll_wait(); until it next sleeps, so that who wakes it can tell
  std::atomic<std::uint32_t> phase{worker_active};
  pthread_t thread{};
  std::atomic<int> number{0};  // the kernel's
  std::atomic<int> place{0};   // the processor that it last ran tasks on; for dumps, relaxed
};

// The worker of the calling thread; null on threads that are none. Never inlined, so that no address of
// a thread-local is kept across a switch, after which the fiber may be on another thread.
__attribute__((noinline)) worker* this_worker() noexcept;
void set_this_worker(worker* w) noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
