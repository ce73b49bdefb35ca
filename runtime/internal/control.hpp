// What the runtime knows about one task: fiber, coroutine or thread.
//
// Invariants
//  - Memory of control blocks is never freed and never used for anything else (runtime/park.hpp tells
//    why). A block has id 0 until it is started, and again when it serves no task any more; so whoever
//    looks for the tasks of a run does not meet one whose function is still being made.
//  - References: one for the runtime while the task is alive, one for its handle while there is one; both
//    are the runtime's once the handle is dropped before the end.
//  - `ending` decides who is told of the end:
//      value         meaning
//      running       nobody waits, a handle may exist
//      a waiter*     that waiter is in join()
//      dropped       no handle is left: a failure must end the program
//      finished      the task has ended; `failure` may be read
//    running -> waiter -> finished, waiter -> running (the joiner was unwound), running -> dropped,
//    running -> finished, dropped -> finished.
//  - `context` is valid while the task is off its stack; `lent` (its stack) while it has started. A coroutine
//    has a stack while it runs, and while it waits in a function that blocks; between its steps it has none
//    and is `suspended` (coroutine.hpp).
//  - A block is of the class that its kind says: function_task, or coroutine_task.
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <vector>

#include "runtime/closure.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/stack.hpp"
#include "runtime/internal/waiter.hpp"
#include "runtime/source_location.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// What libstdc++ keeps for each thread about exceptions in flight (Itanium C++ ABI, 2.2.2). A task that
// suspends inside a catch block takes it along.
struct exception_state {
  void* caught = nullptr;
  unsigned uncaught = 0;
};

// The floating-point environment: SSE control word and x87 control word on x86-64.
struct float_control {
  std::uint32_t mxcsr = 0;
  std::uint16_t x87 = 0;
};

// fresh and suspended tasks have no stack: they get one when they run.
enum class task_state : std::uint8_t { fresh, suspended, started, finished };
constexpr bool needs_stack(task_state state) noexcept { return state <= task_state::suspended; }

class control : public waiter {
 public:
  explicit control(waiter_kind k) noexcept : waiter(k) {}

  static constexpr std::uintptr_t running = 0;
  static constexpr std::uintptr_t finished = 1;
  static constexpr std::uintptr_t dropped = 2;

  // Switched at every jump: kept together.
  boost::context::detail::fcontext_t context = nullptr;
  control* next = nullptr;   // in a run queue or free list
  control* newer = nullptr;  // in a fresh_list
  stack* lent = nullptr;
  exception_state exceptions;
  instrument::task_record record = nullptr;
#if defined(__SANITIZE_ADDRESS__)
  void* fake_stack = nullptr;
#endif

  std::atomic<std::uint32_t> references{0};
  std::atomic<task_state> state{
      task_state::fresh};  // written by whoever owns it; relaxed, for dumps
  bool is_main = false;
  bool has_canary = false;
  std::atomic<std::uint32_t> in_blocking{0};  // 1 inside blocking(); 2 left behind there
  int blocking_depth = 0;                     // of a thread inside nested blocking(); its own
  // The run has ended, and whoever had taken the fiber out of the parked state is done with it.
  std::atomic<bool> at_rest{false};
  float_control floats;
  std::atomic<std::uintptr_t> ending{running};
  std::exception_ptr failure;

  std::atomic<std::uint64_t> id{0};   // 0: serves no task
  std::atomic<std::uint64_t> run{0};  // which run() it belongs to
  int refusals = 0;                   // waits refused since the run ended
  unsigned yields_after_end = 0;
  std::atomic<bool> spins{false};  // a thread that has spun for long since then
  source_location born;
  std::atomic<std::uint64_t> trace_flow{0};  // the arrow to its next run; see trace_point.hpp
};

// A fiber or task thread.
class function_task : public control {
 public:
  using control::control;
  closure work;
};

// Precondition: a fiber or a task thread.
inline closure& work_of(control& task) noexcept { return static_cast<function_task&>(task).work; }

// Ends the function or the coroutine of a task that has not begun, without running it.
void drop_work(control& task) noexcept;

// Takes a block for a new task: fresh, one reference for the runtime, one for the handle. Any thread.
control& take_control(waiter_kind kind, source_location born);

// Makes it a task of the given run, about to be handed to a scheduler.
void number_control(control& fresh, std::uint64_t run) noexcept;

// Drops one reference; the last one recycles the block.
void drop_reference(control& task) noexcept;

// The end of a task: tells the joiner, or ends the program when it failed and nobody can be told. Drops
// the runtime's reference, and that of a handle that is gone. Call it when the task has left its stack.
void finish_control(control& task) noexcept;

// The tasks of a run that have not finished, oldest first. Only while none of them can end meanwhile.
std::vector<control*> live_tasks(std::uint64_t run);

// Whether all of them are parked, that is nobody runs and nobody is just being woken.
bool all_parked(std::uint64_t run);
// The same of all but the main task, while they may end.
bool others_parked(std::uint64_t run);

// The same as live_tasks() while they may end: the caller owns a reference to each, and has to drop it.
std::vector<control*> hold_live_tasks(std::uint64_t run);

// What join() throws for a task that did not end before its run.
std::exception_ptr ended_failure();

// "task 7", "the main task".
std::string short_name_of(const control& task);

// "task 7, spawned at main.cpp:12": how every message names a task.
std::string name_of(const control& task);

// Ends the program because an exception left a task that nobody can join. Call it inside the catch
// block or with `failure` set.
[[noreturn]] void die_of_exception(const control& task, const std::exception_ptr& failure) noexcept;

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
