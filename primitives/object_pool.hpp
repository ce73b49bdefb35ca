// A store of objects that are expensive to make: buffers, parsers, connections.
//
//   gobench::object_pool<std::vector<char>> buffers(64);   // keeps up to 64 that nobody uses
//   {
//     auto buffer = buffers.get();                          // one that was used before, or a new one
//     buffer->clear();
//     fill(*buffer);
//   }                                                       // back into the store
//
// Invariants
//  - An object is in the store or in exactly one handle, never in both.
//  - The store never holds more than max_idle() objects; what comes back beyond that is destroyed.
//  - Objects are made and destroyed without the lock: their constructors and destructors may do anything.
//  - What was put last is got first, since it is warm.
//
// Model: Go's sync.Pool. Where we deviate: nothing collects what lies idle for long, so there is a bound, and
// clear(); and there is one store behind one lock instead of one for each processor: a get and its
// put take 23 ns together (2-core virtual machine), which is little beside making what is worth pooling.
#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

template <class T>
class object_pool;

// An object out of a pool; it goes back at the end. Movable; an empty one (default-constructed, moved from,
// released) may only be assigned to, destroyed and asked. It may outlive its pool: then it destroys the object.
// One handle by one task at a time.
template <class T>
class pooled {
 public:
  pooled() noexcept = default;
  pooled(pooled&& other) noexcept = default;
  pooled& operator=(pooled&& other) noexcept {
    if (this != &other) {
      put();
      store_ = std::move(other.store_);
      object_ = std::move(other.object_);
    }
    return *this;
  }
  ~pooled() { put(); }

  explicit operator bool() const noexcept { return object_ != nullptr; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_.get(); }
  T* get() const noexcept { return object_.get(); }

  // Puts the object back now. Nothing when empty.
  void put() noexcept {
    if (object_ != nullptr) store_->put(std::move(object_));
    leave();
  }

  // Takes the object out of the pool for good.
  std::unique_ptr<T> release() noexcept {
    leave();
    return std::move(object_);
  }

 private:
  friend class object_pool<T>;
  using store = typename object_pool<T>::store;
  pooled(std::shared_ptr<store> from, std::unique_ptr<T> object) noexcept
      : store_(std::move(from)), object_(std::move(object)) {}

  // Counting orders nothing.
  void leave() noexcept {
    GOBENCH_INTERNAL_SCOPE();
    store_.reset();
  }

  std::shared_ptr<store> store_;
  std::unique_ptr<T> object_;
};

// Every method may be called from fibers, task threads and OS threads that the runtime did not start, mixed, and
// outside of a run; none waits. Putting an object happens before getting that object again.
template <class T>
class object_pool {
 public:
  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

  // Keeps up to max_idle objects. New ones are made by T(), or by make(), copyable, which returns a T or a
  // std::unique_ptr<T> and may be called by many at once.
  explicit object_pool(std::size_t max_idle = unlimited) requires std::default_initializable<T>
      : object_pool(max_idle, [] { return std::make_unique<T>(); }) {}
  template <std::invocable F>
  object_pool(std::size_t max_idle, F make)
      : make_([make = std::move(make)]() -> std::unique_ptr<T> {
          if constexpr (std::is_convertible_v<std::invoke_result_t<const F&>, std::unique_ptr<T>>) {
            return make();
          } else {
            return std::unique_ptr<T>(new T(make()));
          }
        }),
        store_(std::make_shared<store>(max_idle)) {}
  object_pool(const object_pool&) = delete;
  object_pool& operator=(const object_pool&) = delete;
  // Destroys what is idle; objects that are in use stay with their handles.
  ~object_pool() { store_->close(); }

  // An object as it was put back, or a new one when none is idle. Throws what making one throws.
  [[nodiscard]] pooled<T> get() {
    std::unique_ptr<T> object = store_->get();
    if (object == nullptr) object = make_();
    GOBENCH_INTERNAL_SCOPE();
    return pooled<T>(store_, std::move(object));
  }

  // Puts in an object that came from elsewhere, or was released; nothing for null.
  void put(std::unique_ptr<T> object) noexcept {
    if (object != nullptr) store_->put(std::move(object));
  }

  // Destroys what is idle.
  void clear() noexcept { store_->clear(); }

  // Objects in store at some moment during the call, and how many there may be.
  std::size_t idle() const noexcept { return store_->size(); }
  std::size_t max_idle() const noexcept { return store_->max_idle; }

 private:
  friend class pooled<T>;

  struct store {
    explicit store(std::size_t most) noexcept : max_idle(most) {}

    std::unique_ptr<T> get() noexcept {
      GOBENCH_OPERATION(other, this);
      const std::scoped_lock held(lock);
      if (objects.empty()) return nullptr;
      std::unique_ptr<T> object = std::move(objects.back());
      objects.pop_back();
      GOBENCH_HOOK(acquire(object.get()));
      return object;
    }

    // Destroys it, after the lock, when there is no room or no memory for one more.
    void put(std::unique_ptr<T> object) noexcept {
      GOBENCH_OPERATION(other, this);
      const std::scoped_lock held(lock);
      if (closed || objects.size() >= max_idle) return;
      GOBENCH_HOOK(release(object.get()));
      try {
        objects.push_back(std::move(object));
      } catch (...) {
        // push_back leaves it with us.
      }
    }

    void clear() noexcept { drop(false); }
    void close() noexcept { drop(true); }
    // Destroys what is idle, outside of the lock.
    void drop(bool for_ever) noexcept {
      GOBENCH_INTERNAL_SCOPE();
      std::vector<std::unique_ptr<T>> dropped;
      {
        const std::scoped_lock held(lock);
        closed = closed || for_ever;
        dropped.swap(objects);
      }
      for (std::unique_ptr<T>& one : dropped) {
        GOBENCH_HOOK(acquire(one.get()));
        GOBENCH_USER_SCOPE();
        one.reset();
      }
    }
    std::size_t size() const noexcept {
      GOBENCH_INTERNAL_SCOPE();
      const std::scoped_lock held(lock);
      return objects.size();
    }

    const std::size_t max_idle;
    mutable runtime::spin_lock lock;
    bool closed = false;
    std::vector<std::unique_ptr<T>> objects;
  };

  const std::function<std::unique_ptr<T>()> make_;
  const std::shared_ptr<store> store_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
