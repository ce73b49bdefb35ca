// Semaphores, barriers, latches, promises, once, waits on atomics: permits that are lost, counts that are wrong.
#include <pthread.h>
#include <semaphore.h>

#include <atomic>
#include <barrier>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <semaphore>

#include "tests/corpus/explore/threads.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct thread_lost_permit : explore_case {
  sem_t permits;
  std::atomic<bool> closed{false};
  thread_lost_permit() { sem_init(&permits, 0, 1); }
  void use() {
    sem_wait(&permits);
    if (closed) {
      if (twin()) sem_post(&permits);
      return;
    }
    sem_post(&permits);
  }
  void run() {
    together([this] { use(); }, [this] { use(); }, [this] { closed = true; });
  }
};
EXPLORE_CASE(thread_lost_permit, "deadlock", "",
             "a way out of a section keeps the permit of a sem_t");

// Not with a std::counting_semaphore: libstdc++ 12 may sleep for ever in acquire() while there is a permit, which
// exploring the twin shows.
struct thread_permit_too_many : explore_case {
  sem_t permits;
  std::atomic<bool> failed{false};
  std::atomic<int> inside{0};
  thread_permit_too_many() { sem_init(&permits, 0, 1); }
  void work() {
    sem_wait(&permits);
    assert(++inside == 1);
    --inside;
    if (failed.exchange(false) && !twin()) sem_post(&permits);  // and again below
    sem_post(&permits);
  }
  void run() {
    together([this] { work(); }, [this] { work(); }, [this] { work(); }, [this] { failed = true; });
  }
};
EXPLORE_CASE(thread_permit_too_many, "assertion", "", "a permit of a sem_t is given back twice");

struct thread_two_permits_each : explore_case {
  std::counting_semaphore<2> permits{2};
  std::mutex whole;
  void work() {
    std::unique_lock held(whole, std::defer_lock);
    if (twin()) held.lock();
    permits.acquire();
    permits.acquire();
    if (twin()) held.unlock();
    permits.release(2);
  }
  void run() {
    together([this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(thread_two_permits_each, "deadlock", "",
             "two need two permits of two, and take them one by one");

struct thread_barrier_left : explore_case {
  std::barrier<> all{2};
  std::atomic<bool> failed{false};
  void work() {
    all.arrive_and_wait();
    if (failed) {
      if (twin()) all.arrive_and_drop();
      return;
    }
    all.arrive_and_wait();
  }
  void run() {
    together([this] { work(); }, [this] { work(); }, [this] { failed = true; });
  }
};
EXPLORE_CASE(thread_barrier_left, "deadlock", "",
             "a member of a std::barrier leaves and is still counted");

struct thread_barrier_count : explore_case {
  pthread_barrier_t all;
  std::atomic<bool> busy{false};
  thread_barrier_count() { pthread_barrier_init(&all, nullptr, 3); }
  void work() {
    const bool done_by_another = busy.exchange(true);
    if (!done_by_another) busy = false;
    if (done_by_another && !twin()) return;
    pthread_barrier_wait(&all);
  }
  void run() {
    together([this] { work(); }, [this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(thread_barrier_count, "deadlock", "",
             "a thread that has nothing to do skips a pthread_barrier that counts it");

// A barrier made by hand: those who wait look at a count that the next round changes.
struct thread_barrier_next_round : explore_case {
  std::mutex m;
  std::condition_variable full;
  int arrived = 0;
  int round = 0;
  void arrive_and_wait() {
    std::unique_lock held(m);
    const int mine = round;
    if (++arrived == 2) {
      arrived = 0;
      ++round;
      full.notify_all();
    } else if (twin()) {
      full.wait(held, [&] { return round != mine; });
    } else {
      full.wait(held, [this] { return arrived == 0; });
    }
  }
  void run() {
    const auto rounds = [this] {
      arrive_and_wait();
      arrive_and_wait();
    };
    together(rounds, rounds);
  }
};
EXPLORE_CASE(thread_barrier_next_round, "deadlock", "",
             "a barrier made by hand that is entered again before all have left");

struct thread_latch_not_counted : explore_case {
  std::latch done{2};
  std::atomic<bool> stopped{false};
  void work() {
    if (stopped && !twin()) return;
    done.count_down();
  }
  void run() {
    std::thread workers[] = {std::thread([this] { work(); }), std::thread([this] { work(); }),
                             std::thread([this] { stopped = true; })};
    done.wait();
    for (std::thread& one : workers) one.join();
  }
};
EXPLORE_CASE(thread_latch_not_counted, "deadlock", "",
             "a worker that stops early is not counted down");

struct thread_promise_set_twice : explore_case {
  std::promise<int> answer;
  std::atomic<bool> answered{false};
  void reply(int value) {
    if (twin() ? answered.exchange(true) : answered.load()) return;
    answered = true;
    answer.set_value(value);
  }
  void run() {
    together([this] { reply(1); }, [this] { reply(2); });
    const int got = answer.get_future().get();
    assert(got == 1 || got == 2);
  }
};
EXPLORE_CASE(thread_promise_set_twice, "crash", "",
             "two threads see that there is no answer, and both give one");

struct thread_promise_not_set : explore_case {
  std::promise<int> answer;
  std::atomic<bool> cancelled{false};
  void work() {
    if (cancelled && !twin()) return;
    answer.set_value(cancelled ? 0 : 1);
  }
  void run() {
    together([this] { work(); }, [this] { cancelled = true; },
             [this] { answer.get_future().wait(); });
  }
};
EXPLORE_CASE(thread_promise_not_set, "deadlock", "",
             "a promise is not kept when the work is cancelled");

struct thread_atomic_wait_missed : explore_case {
  std::atomic<bool> ready{false};
  std::atomic<int> waiting{0};
  std::atomic<int> parts[16] = {};
  void await() {
    ++waiting;
    ready.wait(false);  // which turns some rounds and yields before it sleeps
  }
  void announce() {
    const bool somebody = waiting > 0;
    for (std::atomic<int>& part : parts) part = 1;
    ready = true;
    if (twin() || somebody) ready.notify_all();
  }
  void run() {
    together([this] { await(); }, [this] { announce(); });
  }
};
EXPLORE_CASE(thread_atomic_wait_missed, "deadlock", "",
             "who sets an atomic has looked for waiters some time before");

struct thread_once_and_lock : explore_case {
  std::once_flag made;
  std::mutex m;
  int value = 0;
  void make() {
    const std::scoped_lock held(m);
    value = 1;
  }
  void get() {
    std::call_once(made, [this] { make(); });
  }
  void use() {
    if (twin()) get();
    const std::scoped_lock held(m);
    if (!twin()) get();
  }
  void run() {
    together([this] { get(); }, [this] { use(); });
  }
};
EXPLORE_CASE(thread_once_and_lock, "deadlock|misuse", "lock-order",
             "call_once under the lock that its function takes");

}  // namespace
