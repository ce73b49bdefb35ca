// What every exclusive lock promises, for each of them.
#include <mutex>
#include <type_traits>

#include "tests/primitives/on_backends.hpp"

namespace {

// Two fields that differ while a critical section is inside: seen from outside, that is a failure.
struct counter {
  long value = 0;
  long copy = 0;

  void increment(bool linger) {
    EXPECT_EQ(value, copy);
    ++value;
    // The others get a chance to come in, also on a single processor.
    if (linger) gobench::yield();
    ++copy;
  }
};

// Locks that spin in the order of arrival take a slice of the scheduler's time for each handover when
// more OS threads want the lock than there are CPUs: enough rounds to fail, few enough to end.
template <class Lock>
constexpr bool spins_in_order =
    std::is_same_v<Lock, gobench::ticket_mutex> || std::is_same_v<Lock, gobench::mcs_mutex>;
template <class Lock>
constexpr int rounds = spins_in_order<Lock> ? 50 : 400;

template <class Lock>
void keeps_a_counter(crew who, int times) {
  Lock lock;
  counter count;
  together(who, [&](int i) {
    for (int round = 0; round < times; ++round) {
      const std::scoped_lock held(lock);
      count.increment((round + i) % 16 == 0);
    }
  });
  EXPECT_EQ(count.value, static_cast<long>(who.tasks + who.threads) * times);
  EXPECT_EQ(count.value, count.copy);
}

template <class Lock>
void keeps_a_counter_among_tasks() {
  keeps_a_counter<Lock>({.tasks = 8}, rounds<Lock>);
}

template <class Lock>
void keeps_a_counter_with_foreign_threads() {
  keeps_a_counter<Lock>({.tasks = 4, .threads = 2}, rounds<Lock>);
}

template <class Lock>
void keeps_a_counter_among_many_tasks() {
  keeps_a_counter<Lock>({.tasks = 64}, 1 + rounds<Lock> / 20);
}

template <class Lock>
void try_lock_tells_whether_it_is_free() {
  Lock lock;
  ASSERT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  gobench::go([&] { EXPECT_FALSE(lock.try_lock()); }).join();
  lock.unlock();
  gobench::go([&] {
    EXPECT_TRUE(lock.try_lock());
    lock.unlock();
  }).join();
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

template <class Lock>
void try_lock_excludes() {
  Lock lock;
  counter count;
  together({.tasks = 6, .threads = 2}, [&](int i) {
    for (int round = 0; round < rounds<Lock>; ++round) {
      while (!lock.try_lock()) gobench::yield();
      count.increment((round + i) % 16 == 0);
      lock.unlock();
    }
  });
  EXPECT_EQ(count.value, 8 * rounds<Lock>);
}

template <class Lock>
void unlock_of_unlocked_is_misuse() {
  Lock lock;
  EXPECT_THROW(lock.unlock(), gobench::misuse);
  // And does no harm.
  lock.lock();
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_THROW(lock.unlock(), gobench::misuse);
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

template <class Lock>
void may_be_unlocked_by_another_task() {
  Lock lock;
  lock.lock();
  gobench::go([&] { lock.unlock(); }).join();
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

// Not for locks that spin in the order of arrival: their try_lock succeeds only while nobody waits, so
// the algorithm behind std::scoped_lock may try for a long time.
template <class Lock>
void two_are_locked_together_without_deadlock() {
  Lock first;
  Lock second;
  counter count;
  together({.tasks = 4, .threads = 1}, [&](int i) {
    for (int round = 0; round < 200; ++round) {
      if (i % 2 == 0) {
        const std::scoped_lock both(first, second);
        count.increment(round % 16 == 0);
      } else {
        const std::scoped_lock both(second, first);
        count.increment(round % 16 == 0);
      }
    }
  });
  EXPECT_EQ(count.value, 5 * 200);
}

// The next holder may destroy the lock while the unlock that let it in is still on its way out.
template <class Lock>
void may_be_destroyed_by_the_next_holder() {
  struct shared {
    Lock lock;
    bool last = false;
  };
  for (int round = 0; round < 200; ++round) {
    auto* object = new shared;
    together({.tasks = 1, .threads = 1}, [&](int) {
      object->lock.lock();
      const bool last = object->last;
      object->last = true;
      object->lock.unlock();
      if (last) {
        // The other one has seen its lock() return, so nobody but its unlock() is inside.
        delete object;
      }
    });
  }
}

template <class Lock>
constexpr bool stays_in_place =
    !std::is_copy_constructible_v<Lock> && !std::is_copy_assignable_v<Lock> &&
    !std::is_move_constructible_v<Lock> && !std::is_move_assignable_v<Lock>;
static_assert(stays_in_place<gobench::mutex> && stays_in_place<gobench::shared_mutex>);
static_assert(stays_in_place<gobench::spin_mutex> && stays_in_place<gobench::ticket_mutex>);
static_assert(stays_in_place<gobench::mcs_mutex>);

// Usable as globals without an order of initialisation.
constinit gobench::mutex global_mutex;
constinit gobench::shared_mutex global_shared_mutex;
constinit gobench::spin_mutex global_spin_mutex;
constinit gobench::ticket_mutex global_ticket_mutex;
constinit gobench::mcs_mutex global_mcs_mutex;

class mutex_contract : public on_backends {};
class shared_mutex_contract : public on_backends {};
class spin_mutex_contract : public on_backends {};
class ticket_mutex_contract : public on_backends {};
class mcs_mutex_contract : public on_backends {};

GOBENCH_ON_BACKENDS(mutex_contract);
GOBENCH_ON_BACKENDS(shared_mutex_contract);
GOBENCH_ON_BACKENDS(spin_mutex_contract);
GOBENCH_ON_BACKENDS(ticket_mutex_contract);
GOBENCH_ON_BACKENDS(mcs_mutex_contract);

#define FOR_EVERY_LOCK(property)                                                    \
  TEST_P(mutex_contract, property) { run(property<gobench::mutex>); }               \
  TEST_P(shared_mutex_contract, property) { run(property<gobench::shared_mutex>); } \
  TEST_P(spin_mutex_contract, property) { run(property<gobench::spin_mutex>); }     \
  TEST_P(ticket_mutex_contract, property) { run(property<gobench::ticket_mutex>); } \
  TEST_P(mcs_mutex_contract, property) { run(property<gobench::mcs_mutex>); }

FOR_EVERY_LOCK(keeps_a_counter_among_tasks)
FOR_EVERY_LOCK(keeps_a_counter_with_foreign_threads)
FOR_EVERY_LOCK(keeps_a_counter_among_many_tasks)
FOR_EVERY_LOCK(try_lock_tells_whether_it_is_free)
FOR_EVERY_LOCK(try_lock_excludes)
FOR_EVERY_LOCK(unlock_of_unlocked_is_misuse)
FOR_EVERY_LOCK(may_be_unlocked_by_another_task)
FOR_EVERY_LOCK(may_be_destroyed_by_the_next_holder)

TEST_P(mutex_contract, two_are_locked_together_without_deadlock) {
  run(two_are_locked_together_without_deadlock<gobench::mutex>);
}
TEST_P(shared_mutex_contract, two_are_locked_together_without_deadlock) {
  run(two_are_locked_together_without_deadlock<gobench::shared_mutex>);
}
TEST_P(spin_mutex_contract, two_are_locked_together_without_deadlock) {
  run(two_are_locked_together_without_deadlock<gobench::spin_mutex>);
}

TEST(locks, work_without_a_runtime) {
  long count = 0;
  together({.threads = 4}, [&](int) {
    for (int round = 0; round < 50; ++round) {
      const std::scoped_lock first(global_mutex);
      const std::scoped_lock second(global_shared_mutex);
      const std::scoped_lock third(global_spin_mutex);
      const std::scoped_lock fourth(global_ticket_mutex);
      const std::scoped_lock fifth(global_mcs_mutex);
      ++count;
    }
  });
  EXPECT_EQ(count, 4 * 50);
}

}  // namespace
