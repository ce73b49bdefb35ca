// What timers and tickers do when their time has come.
//
// Invariant of those with a channel: it has room for one value, and values go in and are taken back under the
// action's lock only. So what is in it belongs to the latest start().
#pragma once

#include <functional>
#include <utility>

#include "primitives/chan.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/source_location.hpp"
#include "runtime/task.hpp"
#include "runtime/timer_action.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

class channel_action final : public runtime::timer_action {
 public:
  receiver<steady_time> chan() const noexcept { return chan_; }

 private:
  void on_time(steady_time now) noexcept override {
    // Fails only when a ticker's last value is still there: then this one is dropped.
    chan_.try_send(now);
  }
  bool take_back() noexcept override { return chan_.try_recv().has_value(); }

  const gobench::chan<steady_time> chan_ = make_chan<steady_time>(1);
};

// Shared by its timer, the service and the tasks that call it.
template <class F>
class function_action final : public runtime::timer_action {
 public:
  template <class G>
  function_action(G&& f, source_location born) : f_(std::forward<G>(f)), born_(born) {}

 private:
  using reference = runtime::action_ref<function_action>;

  void act() override {
    retain();
    static_cast<void>(
        go([self = reference(this)] { static_cast<void>(std::invoke(self->f_)); }, born_));
  }

  F f_;
  source_location born_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
