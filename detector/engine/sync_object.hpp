// What the detector keeps at addresses of the program: clocks of objects, locks, heap blocks.
//
// The meta shadow has a word per 16 bytes: 0, or the first of a list of objects whose addresses lie in them, or a
// heap block that begins there (its number with the top bit set), which is always last in the list.
//
// Locking. A list is read without a lock and grows at its head by compare-exchange. Who has found an object locks
// it and looks whether it still is at that address; it may have been given up meanwhile, when the memory was
// freed, and even be another's. Records lie in tables that are never unmapped, so a stale number is harmless.
#pragma once

#include <atomic>
#include <cstdint>

#include "detector/clocks/object_clock.hpp"
#include "detector/engine/depot.hpp"
#include "detector/engine/layout.hpp"
#include "detector/engine/spin_lock.hpp"

namespace gobench::detector {

struct task_state;

// What is known of an object as a lock.
struct lock_record {
  std::uint32_t number = 0;  // M1, ...
  std::uint32_t owner = 0;   // task_state::number of the exclusive holder
  std::uint32_t levels = 0;
  std::uint32_t readers = 0;
  unsigned flags = 0;
  stack_id taken = 0;  // where its present or last exclusive holder took it
  stack_id made = 0;
  object_clock shared_releases;  // what shared holders published

  // As new, but for its number.
  void renew() noexcept {
    owner = levels = readers = 0;
    flags = 0;
    taken = made = 0;
    shared_releases.clear();
  }
};

struct sync_object {
  spin_lock lock;
  std::atomic<std::uint32_t> next;
  std::atomic<address> where;  // 0: in nobody's list
  object_clock clock;
  task_id last_releaser;  // of a value of an atomic
  lock_record* as_lock;
  task_state* task;  // of the control block of one of the library's tasks: which it is
};

class sync_ref {  // a locked object, or none
 public:
  sync_ref() noexcept = default;
  explicit sync_ref(sync_object* object) noexcept : object_(object) {}
  sync_ref(sync_ref&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  sync_ref& operator=(sync_ref&&) = delete;
  ~sync_ref() {
    if (object_ != nullptr) object_->lock.unlock();
  }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  sync_object* operator->() const noexcept { return object_; }
  sync_object& operator*() const noexcept { return *object_; }

 private:
  sync_object* object_ = nullptr;
};

void reserve_objects() noexcept;
sync_ref find_object(address where) noexcept;          // none if nothing was ever published there
sync_ref object_at(address where) noexcept;            // made if need be
bool has_object(address where) noexcept;               // a hint, without locking
std::uint32_t lock_number_at(address where) noexcept;  // 0: no lock. Without locking: for reports
// Makes it a lock if it is none yet. The object is locked by the caller.
lock_record& make_lock(sync_object& object) noexcept;
inline lock_record& lock_of(sync_object& object) noexcept {
  return object.as_lock != nullptr ? *object.as_lock : make_lock(object);
}
void forget_objects(address low, std::size_t size) noexcept;  // heap blocks too

// Heap blocks.
struct heap_block {
  std::uint64_t size : 63;
  std::uint64_t freed : 1;
  std::uint32_t stack;
  std::uint32_t task;  // task_state::number
};
void put_block(address start, heap_block block) noexcept;
bool find_block(address start, heap_block& out) noexcept;
// The block that `inside` lies in; looks back a bounded distance.
bool find_block_around(address inside, address& start, heap_block& out) noexcept;

// What clocks hold although the floor has passed it is given back (clocks/era.hpp). Passes over objects that are locked.
void catch_up_objects() noexcept;
// In the child of a fork, where no other thread lives: what they were changing is as if never released.
void repair_objects() noexcept;

void lock_objects() noexcept;
void unlock_objects() noexcept;

}  // namespace gobench::detector
