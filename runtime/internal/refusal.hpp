// What waiting means to a task whose run has ended: it is refused, so that the task unwinds. A task that
// does not let itself be unwound is left behind, or the end would wait for it for ever.
#pragma once

#include "runtime/instrument.hpp"
#include "runtime/internal/worker.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Answers a wait of a task whose run has ended; always `ended`. Does not return to a task that has been
// refused so often that it must be swallowing the exception, nor to a thread that is to be abandoned.
park_result refuse(control& self);

// What stands for the end of a run: the main task's end is released there, and what is unwound because of it,
// one task after the other, acquires and releases it; the return of run(), which waits for all that, acquires it. Tasks
// that were over before the end have not released it.
inline constexpr char end_of_run = 0;

// What the calling task, which is `task`, has done up to its end is told to whoever joins it; to the caller of run()
// as well when its run is over, which waits for it.
template <class Home>
void tell_end([[maybe_unused]] control& task) noexcept {
  if constexpr (instrument::listening) {
    const bool unwound = task.run_ended.load(std::memory_order_relaxed);
    if (task.is_main || !unwound) instrument::release(&task);
    if (task.is_main || unwound || !Home::instance().active())
      instrument::release_merge(&end_of_run);
  }
}

// One step of a spin loop or a yield in such a task. What it waits for may be held by a task that is
// unwound later: so that one goes first. Does not return after so many rounds that there is no hope.
void spin_after_end(control& self, unsigned round);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
