// Channels: typed queues between tasks, with Go's rules.
//
//   auto numbers = gobench::make_chan<int>(16);
//   gobench::go([=] {
//     for (int i = 0; i < 100; ++i) numbers.send(i);
//     numbers.close();
//   });
//   for (int n : numbers) use(n);
//
// Invariants
//  - chan, sender and receiver are handles: copies of one refer to the same channel, which lives as long as
//    any of them. All operations are const; a handle may be used by many tasks at once, but assigning to it
//    needs the same care as with any object.
//  - Values come out in the order in which their sends completed, and each comes out once. Waiting senders
//    are served in the order in which they came, and so are waiting receivers.
//  - A nil handle (default-constructed, moved from) blocks for ever in send and recv, fails in the try_ and
//    timed forms (these after their time), is skipped by select, and throws in close.
//
// Happens before: a send before the receive of its value; receive k on a channel of capacity C before the
// completion of send k + C; the close before a receive that sees it. Nothing else orders anything.
//
// Every operation may be called from fibers, task threads and OS threads that the runtime did not start.
//
// Requirements on T: an object type, neither const nor volatile, that can be moved or copied, and whose
// destructor does not throw. If moving a T cannot throw, then it is moved and what it was moved from is
// destroyed inside the channel, part of it under the channel's internal lock: the move constructor and the
// destructor must not use gobench themselves. Other types travel in an allocation of their own and have no such
// limits.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

#include "primitives/channel_error.hpp"
#include "primitives/internal/channel_handle.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// The payload of a channel that says only that something has happened.
struct unit {
  friend constexpr bool operator==(unit, unit) noexcept { return true; }
};

template <class T>
class chan;

// The sending end of a channel:
//   void send(T value)                 waits until the value is taken or stored
//   bool try_send(T&& value)           false when it would have to wait; `value` is then untouched. An
//                                      lvalue is copied
//   bool send_for(T value, d)          false when the time is over
//   void close()                       once; wakes all who wait
//   len(), cap(), closed(), operator bool
// A send on a closed channel throws channel_error, also when the close comes while it waits.
template <class T>
class sender : public primitives::sending<T, primitives::channel_handle> {
  using base = primitives::sending<T, primitives::channel_handle>;

 public:
  using value_type = T;

  sender() noexcept = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a channel is passed where an end is wanted
  sender(const chan<T>& whole) noexcept;
  sender(chan<T>&& whole) noexcept;

  friend bool operator==(const sender& a, const sender& b) noexcept {
    return core_of(a) == core_of(b);
  }
};

// The receiving end of a channel:
//   std::optional<T> recv()            waits for a value; nullopt once the channel is closed and drained
//   std::optional<T> try_recv()        nullopt also when it would have to wait
//   std::optional<T> recv_for(d)       nullopt also when the time is over
//   recv_status try_recv(T& out), recv_for(T& out, d)    tell ok, empty and closed apart; `out` is assigned
//                                      only for ok
//   for (T value : end)                until the channel is closed and drained
//   len(), cap(), closed(), operator bool
template <class T>
class receiver : public primitives::receiving<T, primitives::channel_handle> {
  using base = primitives::receiving<T, primitives::channel_handle>;

 public:
  using value_type = T;

  receiver() noexcept = default;
  receiver(const chan<T>& whole) noexcept;
  receiver(chan<T>&& whole) noexcept;

  friend bool operator==(const receiver& a, const receiver& b) noexcept {
    return core_of(a) == core_of(b);
  }
};

// Both ends: the operations of sender and of receiver.
template <class T>
class chan : public primitives::sending<T, primitives::receiving<T, primitives::channel_handle>> {
  using base = primitives::sending<T, primitives::receiving<T, primitives::channel_handle>>;
  static_assert(std::is_object_v<T> && std::is_same_v<T, std::remove_cv_t<T>>,
                "the payload of a channel is an object type without const");
  static_assert(std::move_constructible<T>, "the payload of a channel can be moved or copied");
  static_assert(std::is_nothrow_destructible_v<T>,
                "the destructor of a channel's payload does not throw");

 public:
  using value_type = T;

  // nil
  chan() noexcept = default;

  friend bool operator==(const chan& a, const chan& b) noexcept { return core_of(a) == core_of(b); }

 private:
  explicit chan(primitives::channel_core* adopted) noexcept
      : base(primitives::channel_handle(adopted)) {}

  template <class U>
  friend chan<U> make_chan(std::size_t capacity);
  template <class U>
  friend chan<U> make_unbounded_chan();
};

// A channel that stores up to `capacity` values; with 0 a send waits for its receive. Throws
// std::length_error for a capacity that cannot be, and std::bad_alloc.
template <class T>
chan<T> make_chan(std::size_t capacity = 0) {
  return chan<T>(primitives::channel_core::make_bounded(capacity, primitives::payload_of<T>));
}

// A channel on which a send never waits: it stores what is not yet received, in memory that is given
// back as the values are. A send may throw std::bad_alloc.
template <class T>
chan<T> make_unbounded_chan() {
  return chan<T>(primitives::channel_core::make_unbounded(primitives::payload_of<T>));
}

template <class T>
sender<T>::sender(const chan<T>& whole) noexcept : base(primitives::channel_handle(whole)) {}
template <class T>
sender<T>::sender(chan<T>&& whole) noexcept : base(primitives::channel_handle(std::move(whole))) {}
template <class T>
receiver<T>::receiver(const chan<T>& whole) noexcept : base(primitives::channel_handle(whole)) {}
template <class T>
receiver<T>::receiver(chan<T>&& whole) noexcept
    : base(primitives::channel_handle(std::move(whole))) {}

}  // namespace gobench::inline GOBENCH_FLAVOUR
