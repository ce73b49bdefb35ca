// The cases that select takes, and what they share.
//
// Each case type has these functions:
//   enlist(plan, position)            writes itself into the plan, before anything happens
//   finish(received)                  runs its callback, after everything has happened and all is released
//   discard(received)                 instead of finish(), for a coroutine that is gone
#pragma once

#include <chrono>
#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "primitives/internal/channel_handle.hpp"
#include "primitives/internal/channel_payload.hpp"
#include "primitives/internal/select_engine.hpp"
#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

struct select_case_base {};

template <class C>
concept select_case_type = std::derived_from<std::remove_cvref_t<C>, select_case_base>;

struct no_callback {
  void operator()() const noexcept {}
};

// The channel of a case. A handle that is an lvalue is only referred to, as counting it would cost more than
// the select; one that is moved in is kept.
class case_channel {
 public:
  explicit case_channel(const channel_handle& borrowed) noexcept : core_(core_of(borrowed)) {}
  explicit case_channel(channel_handle&& kept) noexcept
      : core_(core_of(kept)), kept_(std::move(kept)) {}

  channel_core* core() const noexcept { return core_; }
  // From now on the channel lives at least as long as this.
  void keep() noexcept {
    if (core_ == nullptr || kept_) return;
    core_->retain();
    kept_ = channel_handle(core_);
  }

 private:
  channel_core* core_;
  channel_handle kept_;
};

template <class T, class F>
class recv_case : public select_case_base {
 public:
  template <class Handle>
  recv_case(Handle&& from, F callback)
      : channel_(std::forward<Handle>(from)), callback_(std::move(callback)) {}
  // Only before select has begun; there is nothing in in_ then.
  recv_case(recv_case&& other) noexcept(std::is_nothrow_move_constructible_v<F>)
      : channel_(std::move(other.channel_)), callback_(std::move(other.callback_)) {}
  recv_case& operator=(recv_case&&) = delete;

  void keep() noexcept { channel_.keep(); }
  void enlist(select_plan& plan, int position) noexcept {
    plan.add(channel_.core(), in_.address(), channel_core::receive_ready, position);
  }
  void finish(bool received) {
    static_assert(std::invocable<F&, std::optional<T>> || std::invocable<F&>,
                  "the callback of on_recv takes std::optional<T>, or nothing");
    std::optional<T> value;
    if (received) in_.take_into(value);
    if constexpr (std::invocable<F&, std::optional<T>>) {
      static_cast<void>(std::invoke(callback_, std::move(value)));
    } else {
      static_cast<void>(std::invoke(callback_));
    }
  }
  void discard(bool received) {
    std::optional<T> value;
    if (received) in_.take_into(value);
  }

 private:
  case_channel channel_;
  incoming<T> in_;
  F callback_;
};

// A value that waits to be sent, in the form in which the channel takes it.
template <class T>
class held_value {
 public:
  explicit held_value(T& value) : value_(std::move(value)) {}
  held_value(held_value&& other) noexcept : value_(std::move(other.value_)) {}
  void* address() noexcept { return static_cast<void*>(std::addressof(value_)); }
  void sent() noexcept {}

 private:
  T value_;
};

template <class T>
requires boxed<T>
class held_value<T> {
 public:
  explicit held_value(T& value) : pointer_(new T(std::move(value))) {}
  held_value(held_value&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  ~held_value() { delete pointer_; }
  void* address() noexcept { return static_cast<void*>(&pointer_); }
  void sent() noexcept { pointer_ = nullptr; }

 private:
  T* pointer_;
};

template <class T, class F>
class send_case : public select_case_base {
 public:
  template <class Handle>
  send_case(Handle&& to, T& value, F callback)
      : channel_(std::forward<Handle>(to)), value_(value), callback_(std::move(callback)) {}
  send_case(send_case&&) = default;

  void keep() noexcept { channel_.keep(); }
  void enlist(select_plan& plan, int position) {
    if (spent_)
      throw misuse("this case has sent its value already: make a new on_send() for each send");
    plan.add(channel_.core(), value_.address(), channel_core::send_ready, position);
  }
  void finish(bool /*received*/) {
    static_assert(std::invocable<F&>, "the callback of on_send takes nothing");
    discard(false);
    static_cast<void>(std::invoke(callback_));
  }
  void discard(bool /*received*/) noexcept {
    value_.sent();
    spent_ = true;
  }

 private:
  case_channel channel_;
  held_value<T> value_;
  F callback_;
  bool spent_ = false;
};

template <class F>
class after_case : public select_case_base {
 public:
  after_case(std::chrono::nanoseconds d, F callback) : d_(d), callback_(std::move(callback)) {}

  void keep() noexcept {}
  void enlist(select_plan& plan, int position) const noexcept { plan.add_timeout(d_, position); }
  void finish(bool /*received*/) { static_cast<void>(std::invoke(callback_)); }
  void discard(bool /*received*/) const noexcept {}

 private:
  std::chrono::nanoseconds d_;
  F callback_;
};

template <class F>
class otherwise_case : public select_case_base {
 public:
  explicit otherwise_case(F callback) : callback_(std::move(callback)) {}

  void keep() noexcept {}
  void enlist(select_plan& plan, int position) const { plan.add_otherwise(position); }
  void finish(bool /*received*/) { static_cast<void>(std::invoke(callback_)); }
  void discard(bool /*received*/) const noexcept {}

 private:
  F callback_;
};

template <class C>
inline constexpr bool is_otherwise = false;
template <class F>
inline constexpr bool is_otherwise<otherwise_case<F>> = true;

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
