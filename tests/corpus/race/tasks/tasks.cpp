// Tasks: their begin, their end, what runs them; groups and pools of them; coroutines; threads beside them.
#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <unistd.h>

#include "tests/corpus/race/tasks.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

struct task_not_joined : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::task beside = gobench::go([this] {
      side(*this, &task_not_joined::first);
      reach(1);
    });
    if (twin()) beside.join();
    await(1);
    side(*this, &task_not_joined::second);
    if (!twin()) beside.join();
  }
};
CORPUS_CASE(task_not_joined, "task::join; a write before it");

struct task_started : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    if (twin()) side(*this, &task_started::first);
    gobench::task beside = gobench::go([this] {
      await(1);
      side(*this, &task_started::second);
    });
    if (!twin()) side(*this, &task_started::first);
    reach(1);
    beside.join();
  }
};
CORPUS_CASE(task_started, "go; a write after it");

struct task_detached : race_case {
  gobench::event over;
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::go([this] {
      side(*this, &task_detached::first);
      over.set();
      reach(1);
    }).detach();
    if (twin()) over.wait();
    await(1);
    side(*this, &task_detached::second);
  }
};
CORPUS_CASE(task_detached, "task::detach; the end of a task is no edge");

struct task_threw : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::task beside = gobench::go([this] {
      side(*this, &task_threw::first);
      reach(1);
      throw std::runtime_error("planned");
    });
    if (!twin()) await(1);
    if (!twin()) side(*this, &task_threw::second);
    try {
      beside.join();
    } catch (const std::runtime_error&) {
      if (twin()) side(*this, &task_threw::second);
    }
  }
};
CORPUS_CASE(task_threw, "task::join that rethrows; a write before it");

struct task_other_joined : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::task other = gobench::go([] {});
    gobench::task beside = gobench::go([this] {
      side(*this, &task_other_joined::first);
      reach(1);
    });
    await(1);
    (twin() ? beside : other).join();
    side(*this, &task_other_joined::second);
    (twin() ? other : beside).join();
  }
};
CORPUS_CASE(task_other_joined, "task::join of another task");

struct task_yields : race_case {
  gobench::event over;
  long value = 0;
  void first() {
    value = 1;
    over.set();
  }
  void second() {
    for (int i = 0; i < 100; ++i) gobench::yield();
    if (twin()) over.wait();
    value = 2;
  }
};
CORPUS_CASE(task_yields, "yield orders nothing");

struct task_sleeps : race_case {
  static constexpr bool together = true;
  gobench::event over;
  long value = 0;
  void first() {
    value = 1;
    over.set();
    reach(1);
  }
  void second() {
    gobench::sleep_for(2ms);
    await(1);
    if (twin()) over.wait();
    value = 2;
  }
};
CORPUS_CASE(task_sleeps, "sleep_for orders nothing");

struct task_blocks : race_case {
  gobench::event over;
  long value = 0;
  void first() {
    value = 1;
    over.set();
  }
  void second() {
    gobench::blocking([] { ::usleep(500); });
    if (twin()) over.wait();
    value = 2;
  }
};
CORPUS_CASE(task_blocks, "blocking orders nothing");

// errno belongs to the thread that carries a task, and is never shared, whoever ran there before.
struct task_sets_errno : race_case {
  long shared = 0;
  void first() { write(); }
  void second() { write(); }
  void write() {
    errno = EAGAIN;
    if (!twin()) ++shared;
    gobench::yield();
    errno = EINTR;
  }
};
CORPUS_CASE(task_sets_errno, "errno of tasks that share a thread");

// Thousands of tasks that end do not make strangers of each other.
struct task_stack_used_again : race_case {
  long shared = 0;
  long sum = 0;
  void first() { write(1); }
  void second() {
    write(2);
    for (int i = 0; i < 20; ++i) {
      gobench::go([i, this] {
        volatile int local[64] = {};
        local[i] = i;
        last.store(local[i], std::memory_order_relaxed);
      }).join();
    }
  }
  void write(long now) {
    volatile long local[64] = {};
    local[7] = now;
    if (!twin()) shared = now;
    sum_of.fetch_add(local[7], std::memory_order_relaxed);
  }
  std::atomic<int> last{0};
  std::atomic<long> sum_of{0};
};
CORPUS_CASE(task_stack_used_again, "stacks that are used again by other tasks");

struct group_waited_for : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::task_group group;
    group.go([this] {
      side(*this, &group_waited_for::first);
      reach(1);
    });
    await(1);
    if (!twin()) side(*this, &group_waited_for::second);
    group.wait();
    if (twin()) side(*this, &group_waited_for::second);
  }
};
CORPUS_CASE(group_waited_for, "task_group::wait; a write before it");

struct group_members : race_case {
  gobench::mutex m;
  long value = 0;
  void first() { write(1); }
  void second() { write(2); }
  void write(long now) {
    if (twin()) m.lock();
    value = now;
    if (twin()) m.unlock();
  }
  void run() {
    gobench::task_group group;
    group.go([this] {
      side(*this, &group_members::first);
      reach(1);
      await(2);
    });
    group.go([this] {
      await(1);
      side(*this, &group_members::second);
      reach(2);
    });
    group.wait();
  }
};
CORPUS_CASE(group_members, "two members of a task_group");

struct pool_submitted : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::worker_pool pool(1);
    auto result = pool.submit([this] {
      side(*this, &pool_submitted::first);
      reach(1);
      return 1;
    });
    if (twin()) static_cast<void>(result.get());
    await(1);
    side(*this, &pool_submitted::second);
    pool.close();
  }
};
CORPUS_CASE(pool_submitted, "worker_pool; the result is not got");

struct pool_started : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::worker_pool pool(1);
    if (twin()) side(*this, &pool_started::first);
    pool.post([this] {
      await(1);
      side(*this, &pool_started::second);
    });
    if (!twin()) side(*this, &pool_started::first);
    reach(1);
    pool.close();
  }
};
CORPUS_CASE(pool_started, "worker_pool::post; a write after it");

struct pool_closed : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    gobench::worker_pool pool(2);
    pool.post([this] {
      side(*this, &pool_closed::first);
      reach(1);
    });
    await(1);
    if (twin()) pool.close();
    side(*this, &pool_closed::second);
    if (!twin()) pool.close();
  }
};
CORPUS_CASE(pool_closed, "worker_pool::close; a write before it");

struct pool_two_jobs : race_case {
  gobench::mutex m;
  long value = 0;
  void first() { write(1); }
  void second() { write(2); }
  void write(long now) {
    if (twin()) m.lock();
    value = now;
    if (twin()) m.unlock();
  }
  void run() {
    gobench::worker_pool pool(2);
    pool.post([this] {
      side(*this, &pool_two_jobs::first);
      reach(1);
      await(2);
    });
    pool.post([this] {
      await(1);
      side(*this, &pool_two_jobs::second);
      reach(2);
    });
    pool.close();
  }
};
CORPUS_CASE(pool_two_jobs, "two jobs of a worker_pool, on two workers");

// An object of a pool belongs to who got it.
struct object_pool_returned : race_case {
  gobench::object_pool<long> pool;
  long seen = 0;
  void first() {
    auto mine = pool.get();
    long* const raw = mine.get();
    *raw = 1;
    mine.put();
    if (!twin()) *raw = 2;
  }
  void second() {
    const auto mine = pool.get();
    seen = ++*mine;
  }
};
CORPUS_CASE(object_pool_returned, "object_pool; a write after the object was put back");

struct rate_limited : race_case {
  gobench::rate_limiter limiter{1e6, 10};
  gobench::mutex m;
  long value = 0;
  void first() { write(1); }
  void second() { write(2); }
  void write(long now) {
    limiter.acquire();
    if (twin()) m.lock();
    value = now;
    if (twin()) m.unlock();
  }
};
CORPUS_CASE(rate_limited, "rate_limiter orders nothing");

// Coroutines. The sides are plain functions that they call.
struct co_not_joined : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  static gobench::co_task<> body(co_not_joined* self) {
    side(*self, &co_not_joined::first);
    self->reach(1);
    co_return;
  }
  void run() {
    gobench::task beside = gobench::spawn(body(this));
    if (twin()) beside.join();
    await(1);
    side(*this, &co_not_joined::second);
    if (!twin()) beside.join();
  }
};
CORPUS_CASE(co_not_joined, "spawn of a coroutine; a write before join");

struct co_receives : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
    reach(1);
  }
  void second() { seen = value; }
  static gobench::co_task<> body(co_receives* self) {
    static_cast<void>(co_await gobench::co::recv(self->ch));
    while (self->passed.load(std::memory_order_relaxed) == 0) co_await gobench::co::sleep_for(50us);
    side(*self, &co_receives::second);
  }
  void run() {
    gobench::task receiver = gobench::spawn(body(this));
    gobench::task sender = gobench::go([this] {
      side(*this, &co_receives::first);
      passed.store(1, std::memory_order_relaxed);
    });
    sender.join();
    receiver.join();
  }
  std::atomic<int> passed{0};
};
CORPUS_CASE(co_receives, "co::recv; a write after send");

struct co_locks : race_case {
  gobench::mutex m;
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  static gobench::co_task<> locked(co_locks* self) {
    {
      const auto held = co_await gobench::co::lock(self->m);
      side(*self, &co_locks::first);
    }
    self->reach(1);
  }
  static gobench::co_task<> maybe_locked(co_locks* self) {
    while (self->step.load(std::memory_order_relaxed) == 0) co_await gobench::co::yield();
    std::unique_lock<gobench::mutex> held;
    if (self->twin()) held = co_await gobench::co::lock(self->m);
    side(*self, &co_locks::second);
  }
  void run() {
    gobench::task one = gobench::spawn(locked(this));
    gobench::task other = gobench::spawn(maybe_locked(this));
    await(1);
    step.store(1, std::memory_order_relaxed);
    one.join();
    other.join();
  }
  std::atomic<int> step{0};
};
CORPUS_CASE(co_locks, "co::lock; one coroutine does not take it");

struct co_awaits : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  static gobench::co_task<> child(co_awaits* self) {
    side(*self, &co_awaits::first);
    self->reach(1);
    co_return;
  }
  static gobench::co_task<> parent(co_awaits* self) {
    if (self->twin()) {
      co_await child(self);
    } else {
      gobench::spawn(child(self)).detach();
    }
    while (self->done.load(std::memory_order_relaxed) == 0) co_await gobench::co::sleep_for(50us);
    side(*self, &co_awaits::second);
  }
  void run() {
    gobench::task whole = gobench::spawn(parent(this));
    await(1);
    done.store(1, std::memory_order_relaxed);
    whole.join();
  }
  std::atomic<int> done{0};
};
CORPUS_CASE(co_awaits, "a coroutine that is awaited in the twin, and spawned else");

// A frame that moves from thread to thread is one task.
struct co_moves : race_case {
  long value = 0;
  long shared = 0;
  void first() { write(); }
  void second() { write(); }
  void write() { ++(twin() ? value : shared); }
  static gobench::co_task<> body(co_moves* self) {
    long local = 0;
    for (int i = 0; i < 20; ++i) {
      ++local;
      co_await gobench::co::yield();
    }
    if (local != 20) std::abort();
    side(*self, &co_moves::first);
    self->reach(1);
  }
  void run() {
    gobench::task beside = gobench::spawn(body(this));
    if (twin()) beside.join();
    await(1);
    side(*this, &co_moves::second);
    if (!twin()) beside.join();
  }
};
CORPUS_CASE(co_moves, "a coroutine that yields many times");

// A thread that the runtime did not start, beside a task.
struct thread_beside_task : race_case {
  gobench::mutex m;
  long value = 0;
  void first() { write(1); }
  void second() { write(2); }
  void write(long now) {
    if (twin()) m.lock();
    value = now;
    if (twin()) m.unlock();
  }
  void run() {
    std::thread beside([this] {
      side(*this, &thread_beside_task::first);
      reach(1);
    });
    await(1);
    side(*this, &thread_beside_task::second);
    gobench::blocking([&] { beside.join(); });
  }
};
CORPUS_CASE(thread_beside_task, "a std::thread and a task, and gobench::mutex");

struct thread_sends_to_task : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>();
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    static_cast<void>(ch.recv());
    await(1);
    seen = value;
  }
  void run() {
    std::thread beside([this] { side(*this, &thread_sends_to_task::first); });
    side(*this, &thread_sends_to_task::second);
    gobench::blocking([&] { beside.join(); });
  }
};
CORPUS_CASE(thread_sends_to_task, "a std::thread sends to a task; a write after it");

struct task_sends_to_thread : race_case {
  gobench::chan<int> ch = gobench::make_chan<int>(1);
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    ch.send(1);
    if (!twin()) value = 1;
    reach(1);
  }
  void second() {
    static_cast<void>(ch.recv());
    await(1);
    seen = value;
  }
  void run() {
    std::thread beside([this] { side(*this, &task_sends_to_thread::second); });
    side(*this, &task_sends_to_thread::first);
    gobench::blocking([&] { beside.join(); });
  }
};
CORPUS_CASE(task_sends_to_thread, "a task sends to a std::thread; a write after it");

}  // namespace
