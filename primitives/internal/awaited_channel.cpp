#include "primitives/internal/awaited_channel.hpp"

#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

void awaited_channel::block() {
  if (core_ == nullptr)
    wait_for_ever(sends_ ? runtime::wait_reason::nil_chan_send
                         : runtime::wait_reason::nil_chan_recv);
  result_ = sends_ ? core_->send(node_.element) : core_->recv(node_.element);
}

bool awaited_channel::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  if (core_ == nullptr) {
    plan.why.reason =
        sends_ ? runtime::wait_reason::nil_chan_send : runtime::wait_reason::nil_chan_recv;
    return true;
  }
  operation_.who = &self;
  plan.why = {sends_ ? runtime::wait_reason::chan_send : runtime::wait_reason::chan_recv, core_};
  return sends_ ? core_->begin_send(operation_, node_, node_.element, result_)
                : core_->begin_recv(operation_, node_, node_.element, result_);
}

bool awaited_channel::after_wake(runtime::park_result why) noexcept {
  if (core_ == nullptr) return why != runtime::park_result::woken;
  return sends_ ? core_->settle_send(operation_, node_, why, result_)
                : core_->settle_recv(operation_, node_, why, result_);
}

bool awaited_channel::give_up() noexcept {
  static_cast<void>(after_wake(runtime::park_result::ended));
  return result_ == channel_result::not_ready;
}

void timed_channel::block() {
  if (core() == nullptr) {
    wait_in_vain(
        sends() ? runtime::wait_reason::nil_chan_send : runtime::wait_reason::nil_chan_recv,
        limit_);
  } else {
    set_result(sends() ? core()->send_for(element(), limit_) : core()->recv_for(element(), limit_));
  }
}

bool timed_channel::begin(runtime::waiter& self, runtime::wait_plan& plan) {
  if (!awaited_channel::begin(self, plan)) return false;
  plan.deadline = channel_deadline(limit_);
  plan.timer = &timer_;
  return true;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
