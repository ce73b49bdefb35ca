// The function that a task runs, kept inside the task's control block when it is small.
//
// Invariant: `object` is null, or points to a live function object that exactly one of run() and
// drop() will end. The object is the user's: it is made and ended in the user's scope (instrument.hpp).
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class closure {
 public:
  // Bytes that need no allocation: enough for a lambda that captures seven references.
  static constexpr std::size_t inline_bytes = 56;

  closure() = default;
  closure(const closure&) = delete;
  closure& operator=(const closure&) = delete;

  // Precondition: empty. Strong guarantee: throws what F's constructor or the allocation throws.
  template <class F>
  void emplace(F&& f) {
    using function = std::decay_t<F>;
    object_ = make<function>(std::forward<F>(f));
    end_ = &end<function>;
  }

  // Calls the function once and destroys it, also when it throws.
  void run() {
    void* object = object_;
    object_ = nullptr;
    end_(object, true);
  }

  // Destroys the function without calling it. Nothing when empty.
  void drop() noexcept {
    if (object_ == nullptr) return;
    void* object = object_;
    object_ = nullptr;
    end_(object, false);
  }

 private:
  template <class F, class G>
  void* make(G&& f) {
    if constexpr (fits<F>) GOBENCH_HOOK(memory_reused(storage_, sizeof(F)));
    GOBENCH_USER_SCOPE();
    if constexpr (fits<F>) {
      return ::new (static_cast<void*>(storage_)) F(std::forward<G>(f));
    } else {
      return new F(std::forward<G>(f));
    }
  }

#if defined(GOBENCH_FLAVOUR_TSAN) && !defined(GOBENCH_TSAN_SELF_CHECK)
  // ThreadSanitizer cannot be told that memory of ours is used anew; it knows of the heap's by itself.
  template <class F>
  static constexpr bool fits = false;
#else
  template <class F>
  static constexpr bool fits = sizeof(F) <= inline_bytes && alignof(F) <= alignof(std::max_align_t);
#endif

  template <class F>
  static void end(void* object, bool call) {
    GOBENCH_USER_SCOPE();
    struct owner {
      F* function;
      ~owner() {
        if constexpr (fits<F>) {
          function->~F();
        } else {
          delete function;
        }
      }
    } owned{static_cast<F*>(object)};
    if (call) static_cast<void>((*owned.function)());
  }

  alignas(std::max_align_t) std::byte storage_[inline_bytes];
  void* object_ = nullptr;
  void (*end_)(void* object, bool call) = nullptr;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
