#include "primitives/internal/awaited_select.hpp"

#include "primitives/channel_error.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

void awaited_select_base::block() {
  outcome_ = run_select(plan_);
  blocked_ = true;
}

bool awaited_select_base::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  operation_.who = &self;
  if (!begin_select(plan_, operation_, end_)) return false;
  const bool timed = plan_.after_position >= 0;
  plan.why.reason = plan_.count == 0 && !timed ? runtime::wait_reason::select_nothing
                                               : runtime::wait_reason::select;
  if (plan_.count != 0) plan.why.object = plan_.entries->channel;
  if (timed) {
    plan.deadline = channel_deadline(plan_.timeout);
    plan.timer = &timer_;
  }
  return true;
}

bool awaited_select_base::after_wake(runtime::park_result why) noexcept {
  return settle_select(plan_, operation_, why, end_);
}

bool awaited_select_base::give_up() noexcept {
  static_cast<void>(settle_select(plan_, operation_, runtime::park_result::ended, end_));
  return end_.done == nullptr;
}

bool awaited_select_of_many::await_ready() {
  int position = 0;
  for (select_case& one : cases_) one.case_->enlist(plan_, position++);
  return false;
}

int awaited_select_of_many::await_resume() {
  const select_outcome taken = outcome();
  cases_[static_cast<std::size_t>(taken.position)].case_->finish(taken.received);
  return taken.position;
}

void awaited_select_of_many::discard() noexcept {
  try {
    const select_outcome taken = outcome();
    cases_[static_cast<std::size_t>(taken.position)].case_->discard(taken.received);
  } catch (const channel_error&) {
    // It brought nothing but that.
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
