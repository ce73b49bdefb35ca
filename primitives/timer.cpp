#include "primitives/timer.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// The reference first: if what follows throws, it ends with us.
timer::timer(primitives::channel_action* adopted, steady_time when)
    : action_(adopted), chan_(adopted->chan()) {
  action_->start(when);
}

timer::timer(runtime::timer_action* adopted, steady_time when) : action_(adopted) {
  action_->start(when);
}

ticker::ticker(primitives::channel_action* adopted) : action_(adopted), chan_(adopted->chan()) {}

void ticker::restart(std::chrono::nanoseconds period) {
  if (!action_) throw misuse("reset of no ticker: make it with ticker(period) first");
  if (period <= period.zero()) throw misuse("a ticker needs a period above zero");
  action_->start(runtime::deadline_after(period), period);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
