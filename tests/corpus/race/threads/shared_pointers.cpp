// Reference-counted pointers: their counts are synchronised, the pointers themselves and what they point to are not.
#include <atomic>
#include <memory>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::locked_in_twin;
using corpus::race_case;

struct shared_ptr_object : locked_in_twin {
  std::shared_ptr<long> one = std::make_shared<long>(0);
  std::shared_ptr<long> other = one;
  void first() {
    const auto held = hold();
    *one = 1;
  }
  void second() {
    const auto held = hold();
    *other = 2;
  }
};
CORPUS_CASE(shared_ptr_object, "what two std::shared_ptr point to");

struct shared_ptr_itself : locked_in_twin {
  std::shared_ptr<long> shared = std::make_shared<long>(0);
  std::shared_ptr<long> mine;
  void first() {
    const auto held = hold();
    shared = std::make_shared<long>(1);
  }
  void second() {
    const auto held = hold();
    mine = shared;
  }
};
CORPUS_CASE(shared_ptr_itself, "a std::shared_ptr is assigned beside a copy of it");

// Who drops the last reference destroys what all others have done to the object.
struct shared_ptr_last_owner : race_case {
  struct object {
    long field = 0;
    long* sum = nullptr;
    ~object() { *sum += field; }
  };
  long sum = 0;
  std::shared_ptr<object> one = std::make_shared<object>();
  std::shared_ptr<object> other = one;
  object* raw = one.get();
  void first() {
    raw->sum = &sum;
    if (!twin()) {
      // The reference goes before the write.
      one.reset();
      raw->field = 1;
    } else {
      raw->field = 1;
      one.reset();
    }
  }
  void second() { other.reset(); }
};
CORPUS_CASE(shared_ptr_last_owner, "a write through a std::shared_ptr that was given up",
            "data-race|use-after-free-race");

struct weak_ptr_locked : locked_in_twin {
  std::shared_ptr<long> owner = std::make_shared<long>(0);
  std::weak_ptr<long> weak = owner;
  void first() {
    const auto held = hold();
    *owner = 1;
  }
  void second() {
    const std::shared_ptr<long> locked = weak.lock();
    const auto held = hold();
    *locked = 2;
  }
};
CORPUS_CASE(weak_ptr_locked, "std::weak_ptr::lock orders nothing");

// The object is destroyed while somebody still holds a weak pointer.
struct weak_ptr_expired : race_case {
  struct object {
    long field = 0;
    long* sum = nullptr;
    ~object() { *sum = field; }
  };
  long sum = 0;
  std::shared_ptr<object> owner = std::make_shared<object>();
  std::weak_ptr<object> weak = owner;
  object* raw = owner.get();
  void first() {
    if (twin()) {
      if (const auto locked = weak.lock()) locked->field = 1;
    } else {
      raw->field = 1;
    }
  }
  void second() {
    owner->sum = &sum;
    owner.reset();
  }
};
CORPUS_CASE(weak_ptr_expired, "a write without std::weak_ptr::lock, beside the end of the object",
            "data-race|use-after-free-race");

struct atomic_shared_ptr : race_case {
  struct object {
    long field = 0;
  };
  std::atomic<std::shared_ptr<object>> shared;
  object* raw = nullptr;
  long seen = 0;
  void first() {
    auto made = std::make_shared<object>();
    made->field = 1;
    if (!twin()) raw = made.get();
    shared.store(std::move(made));
    if (!twin()) raw->field = 2;
  }
  void second() {
    std::shared_ptr<object> mine;
    while ((mine = shared.load()) == nullptr) corpus::pause();
    seen = mine->field;
  }
};
CORPUS_CASE(atomic_shared_ptr, "std::atomic<std::shared_ptr>; a write after store");

struct atomic_free_shared_ptr : race_case {
  std::shared_ptr<long> shared;
  long* raw = nullptr;
  long seen = 0;
  void first() {
    auto made = std::make_shared<long>(1);
    raw = made.get();
    if (twin()) *raw = 2;
    std::atomic_store(&shared, std::move(made));
    if (!twin()) *raw = 2;
  }
  void second() {
    std::shared_ptr<long> mine;
    while ((mine = std::atomic_load(&shared)) == nullptr) corpus::pause();
    seen = *mine;
  }
};
CORPUS_CASE(atomic_free_shared_ptr, "std::atomic_store of a std::shared_ptr; a write after it");

struct unique_ptr_handed_over : race_case {
  std::atomic<long*> handed{nullptr};
  void first() {
    auto mine = std::make_unique<long>(1);
    long* const raw = mine.get();
    if (twin()) *raw = 2;
    handed.store(mine.release(), std::memory_order_release);
    if (!twin()) *raw = 2;
  }
  void second() {
    const std::unique_ptr<long> mine(handed.load(std::memory_order_acquire));
    *mine = 3;
  }
};
CORPUS_CASE(unique_ptr_handed_over, "a std::unique_ptr is handed over and used again",
            "data-race|use-after-free-race");

}  // namespace
