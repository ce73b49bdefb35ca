// The named exceptions of the runtime. Misuse that a caller can avoid derives from
// std::logic_error; what the world does derives from std::runtime_error.
#pragma once

#include <stdexcept>
#include <string>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// A primitive or the runtime was used against its contract: unlocking an unlocked mutex, a negative
// wait_group, joining a task twice, a runtime started inside a runtime.
struct misuse : std::logic_error {
  using std::logic_error::logic_error;
};

// An operation that needs a running runtime (go, set_max_procs) was called without one.
struct no_runtime : misuse {
  using misuse::misuse;
};

// Thrown by task::join() from outside a run when the run ended before the task did.
struct run_ended : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Thrown by run() when no task can ever run again. what() lists every task: where it was spawned,
// what it waits for, on which object and for how long.
struct deadlock : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
