// What a caller may choose about a run. See runtime/run.hpp for how it is used.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// What carries a task: a fiber (many of them on `procs` processors) or an OS thread of its own.
enum class backend : std::uint8_t { fiber, thread };

// How the stacks of fibers are provided. (Those of OS threads are the system's, whatever this says.)
//   lazy       address space is reserved in large slabs and reused; the top page is committed when a
//              stack is handed out, any other when first touched. What lies idle for about a second gives
//              its memory back, and everything does at the end of a run
//   pooled     as lazy, but a stack is committed in full when first made, and for good: no task faults
//   fixed      a mapping per task, committed in full, guarded, and unmapped when the task ends (what naive
//              libraries do; there to be compared with)
//   segmented  a first segment, of which two pages are committed, and further ones as calls get deeper,
//              without end but that of memory. For programs compiled by g++ with -fsplit-stack and linked with
//              -fuse-ld=gold; in others run() throws std::invalid_argument. See docs/stacks.md
enum class stack_strategy : std::uint8_t { lazy, pooled, fixed, segmented };

// GOBENCH_STACK overrides any of them: "64k" is a size, "pooled" a strategy, "unguarded" (or "guarded") tells
// of the guard, and commas join them: "fixed,1m,unguarded". run() throws std::invalid_argument for
// anything else.
struct stack_options {
  stack_strategy strategy = stack_strategy::lazy;
  // Bytes of address space of one stack, 4 KiB to 1 GiB, rounded up to pages. 0 means 256 KiB for a
  // fiber, 1152 KiB for the first segment of a segmented one, and the system's default for an OS thread.
  std::size_t reserve = 0;
  // Whether a guard page ends the stack. Without one, an overflow is only noticed by a canary when
  // the task is next switched from. A segmented stack has no end that could be guarded.
  bool guard = true;
};

// What happens to tasks that are parked, sleeping or runnable when the main task returns.
//   unwind   each is resumed once with an exception, so that its destructors run (the default)
//   abandon  they are forgotten where they stand; their stacks are reused, destructors do not run
enum class at_end : std::uint8_t { unwind, abandon };

// Where tasks that can run stand. There to be compared (`gobench run run-queue`); programs want `local`.
//   local    in queues of the processors, each with its own; who has nothing to do takes from others
//   global   in one queue behind one lock, first in first out: every push and every pop meets there
enum class queue_policy : std::uint8_t { local, global };

struct options {
  int procs = 0;  // 0: the CPUs this process may really use (affinity mask and cgroup quota)
  backend kind = backend::fiber;
  stack_options stack = {};
  std::uint64_t seed = 0;  // of the scheduler's random choices; 0: a new one for each run
  at_end end = at_end::unwind;
  // Whether the others get a further OS thread while a task computes for 10 ms without coming to a
  // scheduling point. Then `procs` does not count that task, as it does not count one in blocking():
  // on a machine with more CPUs than `procs` more of them may be busy meanwhile. Without it such a task
  // keeps its processor until it parks, yields or ends. Fibers only; OS threads are the kernel's.
  bool hand_off = true;
  queue_policy queues = queue_policy::local;  // fibers only
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
