// What waiting means to a task whose run has ended: it is refused, so that the task unwinds. A task that
// does not let itself be unwound is left behind, or the end would wait for it for ever.
#pragma once

#include "runtime/internal/worker.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Answers a wait of a task whose run has ended; always `ended`. Does not return to a task that has been
// refused so often that it must be swallowing the exception, nor to a thread that is to be abandoned.
park_result refuse(control& self);

// One step of a spin loop or a yield in such a task. What it waits for may be held by a task that is
// unwound later: so that one goes first. Does not return after so many rounds that there is no hope.
void spin_after_end(control& self, unsigned round);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
