// What chan, sender and receiver have in common, and the two halves of their operations.
//
// Invariant: core_ is null (nil), or this handle holds one of the core's references.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "primitives/channel_error.hpp"
#include "primitives/internal/channel_core.hpp"
#include "primitives/internal/channel_payload.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// What an attempt to receive came to.
//   ok      a value was received
//   empty   none was there (in time)
//   closed  the channel is closed and drained: there will never be one
enum class recv_status : std::uint8_t { ok, empty, closed };

namespace primitives {

class channel_handle {
 public:
  channel_handle() noexcept = default;
  explicit channel_handle(channel_core* adopted) noexcept : core_(adopted) {}
  channel_handle(const channel_handle& other) noexcept : core_(other.core_) {
    if (core_ != nullptr) core_->retain();
  }
  channel_handle(channel_handle&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  channel_handle& operator=(const channel_handle& other) noexcept {
    channel_handle(other).swap(*this);
    return *this;
  }
  channel_handle& operator=(channel_handle&& other) noexcept {
    channel_handle(std::move(other)).swap(*this);
    return *this;
  }
  ~channel_handle() {
    if (core_ != nullptr) core_->release();
  }

  // Whether there is a channel behind the handle; a nil one has none.
  explicit operator bool() const noexcept { return core_ != nullptr; }

  // Values stored at some moment during the call, and how many may be stored: 0 for an unbuffered
  // channel, the largest std::size_t for an unbounded one. Both are 0 for nil.
  std::size_t len() const noexcept { return core_ == nullptr ? 0 : core_->size(); }
  std::size_t cap() const noexcept { return core_ == nullptr ? 0 : core_->capacity(); }
  // Whether the channel was closed; it may still hold values. Orders nothing. False for nil.
  bool closed() const noexcept { return core_ != nullptr && core_->is_closed(); }

 protected:
  void swap(channel_handle& other) noexcept { std::swap(core_, other.core_); }

  friend channel_core* core_of(const channel_handle& handle) noexcept { return handle.core_; }

 private:
  channel_core* core_ = nullptr;
};

// The sending half of a handle; see chan.hpp for what the operations do.
template <class T, class Base>
class sending : public Base {
 public:
  void send(T value) const {
    channel_core* core = core_of(*this);
    if (core == nullptr) wait_for_ever(runtime::wait_reason::nil_chan_send);
    outgoing<T> out(value);
    static_cast<void>(settle(core->send(out.address()), out));
  }

  bool try_send(T&& value) const {
    channel_core* core = core_of(*this);
    if (core == nullptr) return false;
    if constexpr (boxed<T>) {
      return try_send_boxed(*core, value);
    } else {
      if constexpr (std::is_trivially_copyable_v<T>)
        GOBENCH_HOOK(reads(std::addressof(value), sizeof value));
      outgoing<T> out(value);
      return settle(core->try_send(out.address()), out);
    }
  }
  bool try_send(const T& value) const requires std::copy_constructible<T> {
    return try_send(T(value));
  }

  template <class Rep, class Period>
  bool send_for(T value, std::chrono::duration<Rep, Period> d) const {
    channel_core* core = core_of(*this);
    if (core == nullptr) {
      wait_in_vain(runtime::wait_reason::nil_chan_send, whole_nanoseconds(d));
      return false;
    }
    outgoing<T> out(value);
    return settle(core->send_for(out.address(), whole_nanoseconds(d)), out);
  }

  void close() const {
    channel_core* core = core_of(*this);
    if (core == nullptr) {
      GOBENCH_HOOK(channel_operation(nullptr, instrument::channel_event::closed_in_vain, 0));
      throw channel_error(channel_error::close_of_nil);
    }
    core->close();
  }

 protected:
  sending() noexcept = default;
  explicit sending(channel_handle handle) noexcept : Base(std::move(handle)) {}

 private:
  static bool settle(channel_result result, outgoing<T>& out) {
    switch (result) {
      case channel_result::done:
        out.sent();
        return true;
      case channel_result::closed:
        throw channel_error(channel_error::send_on_closed);
      case channel_result::not_ready:
        break;
    }
    return false;
  }

  static bool try_send_boxed(channel_core& core, T& value) {
    static_assert(std::is_copy_constructible_v<T> || std::is_move_assignable_v<T>,
                  "try_send has to give the value back when it fails");
    if (!core.might_send()) return false;  // spares the allocation
    auto out = outgoing<T>::keeping(value);
    if (settle(core.try_send(out.address()), out)) return true;
    if constexpr (!std::is_copy_constructible_v<T>) value = std::move(out.value());
    return false;
  }
};

// The receiving half.
template <class T, class Base>
class receiving : public Base {
 public:
  std::optional<T> recv() const {
    channel_core* core = core_of(*this);
    if (core == nullptr) wait_for_ever(runtime::wait_reason::nil_chan_recv);
    return received([&](void* to) { return core->recv(to); });
  }

  std::optional<T> try_recv() const {
    channel_core* core = core_of(*this);
    if (core == nullptr) return std::nullopt;
    return received([&](void* to) { return core->try_recv(to); });
  }
  recv_status try_recv(T& out) const {
    channel_core* core = core_of(*this);
    if (core == nullptr) return recv_status::empty;
    incoming<T> in;
    return settle(core->try_recv(in.address()), in, out);
  }

  template <class Rep, class Period>
  std::optional<T> recv_for(std::chrono::duration<Rep, Period> d) const {
    channel_core* core = core_of(*this);
    if (core == nullptr) {
      wait_in_vain(runtime::wait_reason::nil_chan_recv, whole_nanoseconds(d));
      return std::nullopt;
    }
    return received([&](void* to) { return core->recv_for(to, whole_nanoseconds(d)); });
  }
  template <class Rep, class Period>
  recv_status recv_for(T& out, std::chrono::duration<Rep, Period> d) const {
    channel_core* core = core_of(*this);
    if (core == nullptr) {
      wait_in_vain(runtime::wait_reason::nil_chan_recv, whole_nanoseconds(d));
      return recv_status::empty;
    }
    incoming<T> in;
    return settle(core->recv_for(in.address(), whole_nanoseconds(d)), in, out);
  }

  // for (T value : channel): receives until the channel is closed and drained. Each step of the iterator
  // is a recv(); the handle has to outlive it.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    explicit iterator(const receiving& channel) : channel_(&channel), current_(channel.recv()) {}

    // The value received, to be moved from: `for (auto v : ch)` works for move-only types too.
    T&& operator*() const noexcept { return std::move(*current_); }
    iterator& operator++() {
      // Constructed anew, so that T need not be assignable.
      current_.reset();
      if (auto next = channel_->recv()) current_.emplace(std::move(*next));
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& i, std::default_sentinel_t) noexcept {
      return !i.current_.has_value();
    }

   private:
    const receiving* channel_ = nullptr;
    mutable std::optional<T> current_;
  };
  iterator begin() const { return iterator(*this); }
  static std::default_sentinel_t end() noexcept { return std::default_sentinel; }

 protected:
  receiving() noexcept = default;
  explicit receiving(channel_handle handle) noexcept : Base(std::move(handle)) {}

 private:
  // What `operation` has brought. The result is made in place: gcc 12 copies an optional that comes out of a
  // conditional expression through memory, 16 bytes at a time, and waits 10 ns for its own stores.
  template <class Operation>
  static std::optional<T> received(Operation operation) {
    std::optional<T> result;
    incoming<T> in;
    if (operation(in.address()) == channel_result::done) in.take_into(result);
    return result;
  }

  static recv_status settle(channel_result result, incoming<T>& in, T& out) {
    switch (result) {
      case channel_result::done:
        in.take_into(out);
        return recv_status::ok;
      case channel_result::closed:
        return recv_status::closed;
      case channel_result::not_ready:
        break;
    }
    return recv_status::empty;
  }
};

}  // namespace primitives
}  // namespace gobench::inline GOBENCH_FLAVOUR
