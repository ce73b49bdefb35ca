// How values of any type go through the one untyped core of all channels.
//
// Invariants
//  - What a channel stores, an `element`, is moved by functions that cannot throw: T itself when its
//    move constructor cannot throw, else a pointer to a T on the heap. So nothing can throw while a
//    channel's lock is held, and a value is never lost between two places.
//  - A heap T is made by the sender before it takes the lock and unmade by the receiver after it
//    has dropped it.
//  - Constructors and destructors of the user's run in the user's scope (runtime/instrument.hpp). Bytes are copied
//    by us, unseen: from a value of the caller's own and to one of the caller's own, and where that is not so the
//    copy is told.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// What the core knows about an element. A null function means: copy the bytes; nothing to destroy.
struct payload_operations {
  std::size_t size;
  std::size_t alignment;
  void (*move)(void* to, void* from) noexcept;      // constructs *to; *from stays to be destroyed
  void (*relocate)(void* to, void* from) noexcept;  // constructs *to and destroys *from
  void (*destroy)(void* element) noexcept;
};

template <class T>
inline constexpr bool boxed = !std::is_nothrow_move_constructible_v<T>;

template <class T>
using element = std::conditional_t<boxed<T>, T*, T>;

template <class T>
constexpr payload_operations make_payload_operations() {
  using stored = element<T>;
  // NOLINTNEXTLINE(bugprone-sizeof-expression): of a box, the pointer is what is stored
  payload_operations made{sizeof(stored), alignof(stored), nullptr, nullptr, nullptr};
  if constexpr (!std::is_trivially_copyable_v<stored>) {
    made.move = [](void* to, void* from) noexcept {
      GOBENCH_USER_SCOPE();
      ::new (to) stored(std::move(*static_cast<stored*>(from)));
    };
    made.relocate = [](void* to, void* from) noexcept {
      GOBENCH_USER_SCOPE();
      ::new (to) stored(std::move(*static_cast<stored*>(from)));
      static_cast<stored*>(from)->~stored();
    };
  }
  if constexpr (boxed<T>) {
    made.destroy = [](void* pointer) noexcept {
      stored box = *static_cast<stored*>(pointer);
      GOBENCH_USER_SCOPE();
      delete box;
    };
  } else if constexpr (!std::is_trivially_destructible_v<stored>) {
    made.destroy = [](void* object) noexcept {
      GOBENCH_USER_SCOPE();
      static_cast<stored*>(object)->~stored();
    };
  }
  return made;
}

template <class T>
inline constexpr payload_operations payload_of = make_payload_operations<T>();

// memcpy with the common sizes as constants, which are one or two instructions each.
inline void copy_bytes(void* to, const void* from, std::size_t size) noexcept {
  switch (size) {
    case 1:
      std::memcpy(to, from, 1);
      return;
    case 2:
      std::memcpy(to, from, 2);
      return;
    case 4:
      std::memcpy(to, from, 4);
      return;
    case 8:
      std::memcpy(to, from, 8);
      return;
    case 16:
      std::memcpy(to, from, 16);
      return;
    default:
      std::memcpy(to, from, size);
  }
}

// A value on its way into a channel. The core moves the element out of address().
template <class T>
class outgoing {
 public:
  // Refers to `value`, which has to outlive this.
  explicit outgoing(T& value) noexcept : element_(&value) {}
  outgoing(const outgoing&) = delete;
  outgoing& operator=(const outgoing&) = delete;

  void* address() noexcept { return element_; }
  // To be called once the core has taken the element.
  void sent() noexcept {}

 private:
  T* element_;
};

template <class T>
requires boxed<T>
class outgoing<T> {
 public:
  // Moves the value to the heap; `value` is then as its move constructor left it.
  explicit outgoing(T& value) : box_(std::make_unique<T>(std::move(value))) {
    element_ = box_.get();
  }
  // As above, but `value` stays as it is where T can be copied.
  static outgoing keeping(T& value) {
    return outgoing(std::make_unique<T>(std::move_if_noexcept(value)));
  }
  outgoing(const outgoing&) = delete;
  outgoing& operator=(const outgoing&) = delete;

  void* address() noexcept { return static_cast<void*>(&element_); }
  void sent() noexcept { static_cast<void>(box_.release()); }
  T& value() noexcept { return *box_; }

 private:
  explicit outgoing(std::unique_ptr<T> box) noexcept : box_(std::move(box)), element_(box_.get()) {}

  std::unique_ptr<T> box_;
  T* element_ = nullptr;
};

// Where a value that leaves a channel arrives.
template <class T>
class incoming {
 public:
  incoming() noexcept {}  // NOLINT(modernize-use-equals-default): the union has no default
  incoming(const incoming&) = delete;
  incoming& operator=(const incoming&) = delete;
  ~incoming() {}  // NOLINT(modernize-use-equals-default)

  // The core constructs the element here.
  void* address() noexcept { return static_cast<void*>(std::addressof(element_)); }

  // The element that the core has constructed, once.
  void take_into(std::optional<T>& target) {
    take_into([&](T&& value) { target.emplace(std::move(value)); });
  }
  void take_into(T& target) {
    take_into([&](T&& value) { target = std::move(value); });
  }

 private:
  template <class Use>
  void take_into(Use use) {
    struct end {
      element<T>& ended;
      ~end() {
        if constexpr (boxed<T>) {
          delete ended;
        } else {
          ended.~T();
        }
      }
    } const after{element_};
    if constexpr (boxed<T>) {
      use(std::move(*element_));
    } else {
      use(std::move(element_));
    }
  }

  union {
    element<T> element_;
  };
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
