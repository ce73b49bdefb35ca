// A coroutine's send or receive: the waits of channel_core, in the halves of runtime/suspension.hpp.
#pragma once

#include <optional>
#include <utility>

#include "primitives/channel_error.hpp"
#include "primitives/internal/channel_core.hpp"
#include "primitives/internal/channel_handle.hpp"
#include "primitives/internal/channel_node.hpp"
#include "primitives/internal/channel_payload.hpp"
#include "primitives/internal/select_case.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/suspension.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// A nil channel has no core. The element is a part of the derived class, whose constructor sets it: to move from,
// or room to construct in.
class awaited_channel : public runtime::awaitable {
 public:
  bool await_ready() {
    if (core_ == nullptr) return false;
    GOBENCH_INTERNAL_SCOPE();
    // The look at the status only saves the lock where we would have to take it twice.
    const std::uint64_t wanted = sends_ ? channel_core::send_ready : channel_core::receive_ready;
    if ((core_->status(std::memory_order_relaxed) & wanted) == 0) return false;
    result_ = sends_ ? core_->send_now(node_.element) : core_->recv_now(node_.element);
    return result_ != channel_result::not_ready;
  }

 protected:
  awaited_channel(channel_core* core, bool sends) noexcept : core_(core), sends_(sends) {}
  ~awaited_channel() = default;

  void block() override;
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;
  bool after_wake(runtime::park_result why) noexcept override;
  bool give_up() noexcept override;

  channel_core* core() const noexcept { return core_; }
  bool sends() const noexcept { return sends_; }
  void* element() const noexcept { return node_.element; }
  void set_element(void* element) noexcept { node_.element = element; }
  channel_result result() const noexcept { return result_; }
  void set_result(channel_result result) noexcept { result_ = result; }

 private:
  channel_core* const core_;
  parked_operation operation_{false};
  channel_node node_;
  const bool sends_;
  channel_result result_ = channel_result::not_ready;
};

// The same with a time limit.
class timed_channel : public awaited_channel {
 protected:
  timed_channel(channel_core* core, bool sends, std::chrono::nanoseconds d) noexcept
      : awaited_channel(core, sends), limit_(d) {}
  ~timed_channel() = default;

  void block() override;
  bool begin(runtime::waiter& self, runtime::wait_plan& plan) override;

 private:
  const std::chrono::nanoseconds limit_;
  runtime::timer_entry timer_;
};

template <class T, class Base, class... Limit>
class [[nodiscard]] awaited_recv_of : public Base {
 public:
  explicit awaited_recv_of(const channel_handle& from, Limit... limit)
      : Base(core_of(from), false, limit...) {
    this->set_element(in_.address());
  }

  std::optional<T> await_resume() {
    std::optional<T> value;
    if (this->result() == channel_result::done) in_.take_into(value);
    return value;
  }

 private:
  void discard() noexcept override { static_cast<void>(await_resume()); }

  incoming<T> in_;
};

template <class T, class Base, class... Limit>
class [[nodiscard]] awaited_send_of : public Base {
 public:
  explicit awaited_send_of(const channel_handle& to, T& value, Limit... limit)
      : Base(core_of(to), true, limit...), value_(value) {
    this->set_element(value_.address());
  }

 protected:
  // Whether the value was sent.
  bool sent() {
    if (this->result() == channel_result::closed)
      throw channel_error(channel_error::send_on_closed);
    if (this->result() != channel_result::done) return false;
    value_.sent();
    return true;
  }

 private:
  void discard() noexcept override {
    if (this->result() == channel_result::done) value_.sent();
  }

  held_value<T> value_;
};

template <class T>
using awaited_recv = awaited_recv_of<T, awaited_channel>;
template <class T>
using awaited_recv_for = awaited_recv_of<T, timed_channel, std::chrono::nanoseconds>;

template <class T>
class [[nodiscard]] awaited_send : public awaited_send_of<T, awaited_channel> {
 public:
  using awaited_send_of<T, awaited_channel>::awaited_send_of;
  void await_resume() { static_cast<void>(this->sent()); }
};

template <class T>
class [[nodiscard]] awaited_send_for
    : public awaited_send_of<T, timed_channel, std::chrono::nanoseconds> {
 public:
  using awaited_send_of<T, timed_channel, std::chrono::nanoseconds>::awaited_send_of;
  bool await_resume() { return this->sent(); }
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
