// Deadlocks of threads, orders of locks that contradict each other, misuse; each with a twin that is right. Where
// everybody waits for ever, the detector ends the program, so a case that ends by itself tests that, too.
#include <semaphore.h>

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#include "tests/interposed/cases.hpp"

using namespace interposed;
using namespace std::chrono_literals;

namespace {

std::mutex a;
std::mutex b;
std::mutex c;
std::mutex gate;
std::shared_mutex shared_a;
std::shared_mutex shared_b;

template <typename First, typename Second>
void nested(First& outer, Second& inner) {
  const std::scoped_lock one(outer);
  const std::scoped_lock two(inner);
}

// Both sides have their first lock before any takes its second.
template <typename First, typename Second>
void crossed(First& one, Second& two) {
  unseen_steps steps;
  both(
      [&] {
        const std::scoped_lock outer(one);
        steps.reach(1);
        steps.wait(2);
        const std::scoped_lock inner(two);
      },
      [&] {
        steps.wait(1);
        const std::scoped_lock outer(two);
        steps.reach(2);
        const std::scoped_lock inner(one);
      });
}

pthread_mutex_t plain_a = PTHREAD_MUTEX_INITIALIZER;
pthread_mutex_t plain_b = PTHREAD_MUTEX_INITIALIZER;

}  // namespace

RACY(deadlock_of_two_locks) { crossed(a, b); }
RACY(deadlock_of_shared_mutexes_of_the_standard) { crossed(shared_a, shared_b); }
RACY(deadlock_of_spin_locks) {
  static pthread_spinlock_t first;
  static pthread_spinlock_t second;
  pthread_spin_init(&first, 0);
  pthread_spin_init(&second, 0);
  struct spin {
    pthread_spinlock_t& lock_;
    void lock() { pthread_spin_lock(&lock_); }
    void unlock() { pthread_spin_unlock(&lock_); }
  };
  spin one{first};
  spin two{second};
  crossed(one, two);
}
RACY(deadlock_of_three_locks) {
  unseen_steps steps;
  const auto one = [&](std::mutex& outer, std::mutex& inner, int turn) {
    steps.wait(turn);
    const std::scoped_lock first(outer);
    steps.reach(turn + 1);
    steps.wait(3);
    const std::scoped_lock second(inner);
  };
  std::thread x([&] { one(a, b, 0); });
  std::thread y([&] { one(b, c, 1); });
  std::thread z([&] { one(c, a, 2); });
  x.join();
  y.join();
  z.join();
}
RACY(deadlock_of_a_lock_and_a_join) {
  std::unique_lock held(a);
  std::thread child([] { const std::scoped_lock also(a); });
  child.join();
}
SILENT(deadlock_of_a_lock_and_a_join_twin) {
  std::unique_lock held(a);
  std::thread child([] { const std::scoped_lock also(a); });
  held.unlock();
  child.join();
}
RACY(deadlock_of_a_lock_whose_holder_has_ended) {
  std::thread([] { a.lock(); }).join();
  a.lock();
}
RACY(deadlock_of_a_reader_that_writes) {
  shared_a.lock_shared();
  shared_a.lock();
}
RACY(deadlock_of_one_with_itself) {
  a.lock();
  a.lock();
}
// The rest of the program goes on, and the exit code tells.
RACY(deadlock_of_some) {
  std::thread([] { crossed(a, b); }).detach();
  std::this_thread::sleep_for(100ms);
}
SILENT(deadlock_avoided_by_deadlines) {
  unseen_steps steps;
  static std::timed_mutex first;
  static std::timed_mutex second;
  const auto side = [&](std::timed_mutex& outer, std::timed_mutex& inner, int turn) {
    steps.wait(turn);
    const std::scoped_lock held(outer);
    steps.reach(turn + 1);
    steps.wait(2);
    if (inner.try_lock_for(20ms)) inner.unlock();
  };
  both([&] { side(first, second, 0); }, [&] { side(second, first, 1); });
}
// A chain that ends at somebody who goes on.
SILENT(deadlock_looks_like_one) {
  std::unique_lock first(a);
  std::thread child([] {
    const std::scoped_lock mine(b);
    const std::scoped_lock also(a);
  });
  std::thread other([] { const std::scoped_lock mine(b); });
  std::this_thread::sleep_for(20ms);
  first.unlock();
  child.join();
  other.join();
}
SILENT(contended_locks_for_a_while) {
  static long counts[2];
  const auto work = [] {
    for (int i = 0; i != 3000; ++i) {
      const std::scoped_lock one(a);
      ++counts[0];
      const std::scoped_lock two(b);
      ++counts[1];
    }
  };
  std::thread first(work);
  std::thread second(work);
  std::thread third(work);
  work();
  first.join();
  second.join();
  third.join();
  CHECK(counts[1] == 12000);
}

// --- orders

RACY(order_of_two_locks) {
  unordered([] { nested(a, b); }, [] { nested(b, a); });
}
RACY(order_of_three_locks) {
  unseen_steps steps;
  std::thread x([&] {
    nested(a, b);
    steps.reach(1);
  });
  std::thread y([&] {
    steps.wait(1);
    nested(b, c);
    steps.reach(2);
  });
  std::thread z([&] {
    steps.wait(2);
    nested(c, a);
  });
  x.join();
  y.join();
  z.join();
}
RACY(order_of_a_shared_and_an_exclusive_lock) {
  unordered(
      [] {
        const std::shared_lock reading(shared_a);
        const std::scoped_lock inner(a);
      },
      [] {
        const std::scoped_lock outer(a);
        const std::scoped_lock writing(shared_a);
      });
}
RACY(order_of_robust_and_plain_pthread_locks) {
  const auto nest = [](pthread_mutex_t& outer, pthread_mutex_t& inner) {
    pthread_mutex_lock(&outer);
    pthread_mutex_lock(&inner);
    pthread_mutex_unlock(&inner);
    pthread_mutex_unlock(&outer);
  };
  unordered([&] { nest(plain_a, plain_b); }, [&] { nest(plain_b, plain_a); });
}
SILENT(order_of_readers_only) {
  const auto read_both = [](std::shared_mutex& outer, std::shared_mutex& inner) {
    const std::shared_lock one(outer);
    const std::shared_lock two(inner);
  };
  unordered([&] { read_both(shared_a, shared_b); }, [&] { read_both(shared_b, shared_a); });
}
SILENT(order_under_a_gate) {
  const auto under_gate = [](std::mutex& outer, std::mutex& inner) {
    const std::scoped_lock held(gate);
    nested(outer, inner);
  };
  unordered([&] { under_gate(a, b); }, [&] { under_gate(b, a); });
}
RACY(order_under_a_shared_gate) {
  static std::shared_mutex many;
  const auto under_gate = [](std::mutex& outer, std::mutex& inner) {
    const std::shared_lock held(many);
    nested(outer, inner);
  };
  unordered([&] { under_gate(a, b); }, [&] { under_gate(b, a); });
}
SILENT(order_within_one_thread) {
  std::thread([] {
    nested(a, b);
    nested(b, a);
  }).join();
}
SILENT(order_of_one_after_the_other_was_joined) {
  std::thread([] { nested(a, b); }).join();
  std::thread([] { nested(b, a); }).join();
}
SILENT(order_that_a_condition_tells) {
  static std::mutex m;
  static std::condition_variable changed;
  static bool done = false;
  both(
      [] {
        nested(a, b);
        const std::scoped_lock held(m);
        done = true;
        changed.notify_all();
      },
      [] {
        {
          std::unique_lock held(m);
          changed.wait(held, [] { return done; });
        }
        nested(b, a);
      });
}
SILENT(order_of_locks_that_are_tried) {
  unordered([] { nested(a, b); },
            [] {
              const std::scoped_lock outer(b);
              if (a.try_lock()) a.unlock();
            });
}
SILENT(order_of_locks_taken_at_once) {
  unordered([] { const std::scoped_lock all(a, b); }, [] { const std::scoped_lock all(b, a); });
}
// Others lie at the same place.
SILENT(order_of_locks_that_are_made_anew) {
  for (int i = 0; i != 2; ++i) {
    std::mutex here[2];
    std::thread([&] { nested(here[i], here[1 - i]); }).join();
  }
}
SILENT(order_of_recursive_locks) {
  static std::recursive_mutex first;
  unordered(
      [] {
        const std::scoped_lock one(first);
        nested(a, first);
      },
      [] { nested(first, a); });
}

// --- misuse

RACY(condition_waited_for_without_its_lock) {
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  const timespec until = after_ms(CLOCK_REALTIME, 5);
  pthread_cond_timedwait(&condition, &plain_a, &until);
}
SILENT(condition_waited_for_with_its_lock) {
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&plain_a);
  const timespec until = after_ms(CLOCK_REALTIME, 5);
  pthread_cond_timedwait(&condition, &plain_a, &until);
  pthread_mutex_unlock(&plain_a);
}
