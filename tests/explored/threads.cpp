// Threads, and what they meet at.
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <random>
#include <semaphore>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/explored/cases.hpp"

using namespace std::chrono_literals;

namespace {

void say(const std::string& text) { std::printf("%s\n", text.c_str()); }

}  // namespace

EXPLORED(nothing) { return 0; }

// Prints in which order three threads got a lock.
EXPLORED(order) {
  std::mutex mutex;
  std::string got;
  std::vector<std::thread> threads;
  for (char name : {'a', 'b', 'c'})
    threads.emplace_back([&, name] {
      for (int i = 0; i != 3; ++i) {
        const std::lock_guard hold(mutex);
        got += name;
      }
    });
  for (std::thread& one : threads) one.join();
  say(got);
  return 0;
}

// Everything that waits, at once; the sum is the same in every schedule.
EXPLORED(meeting) {
  std::mutex mutex;
  std::shared_mutex shared;
  std::condition_variable changed;
  std::condition_variable_any any;
  std::counting_semaphore<8> semaphore(0);
  std::barrier barrier(3);
  std::latch latch(3);
  std::once_flag once;
  std::atomic<int> word{0};
  std::promise<int> promise;
  std::shared_future<int> future = promise.get_future().share();
  sem_t posix;
  sem_init(&posix, 0, 0);
  pthread_barrier_t old;
  pthread_barrier_init(&old, nullptr, 3);
  int sum = 0;
  int turns = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i != 3; ++i)
    threads.emplace_back([&, i] {
      std::call_once(once, [&] { sum += 1000; });
      static const int made = [] { return 5; }();
      barrier.arrive_and_wait();
      { const std::shared_lock hold(shared); }
      {
        std::unique_lock hold(mutex);
        changed.wait(hold, [&] { return turns == i; });
        ++turns;
        sum += made;
      }
      changed.notify_all();
      latch.arrive_and_wait();
      semaphore.release();
      pthread_barrier_wait(&old);
      {
        const std::unique_lock hold(shared);
        sum += future.get();
      }
      sem_post(&posix);
      word.fetch_add(1);
      word.notify_all();
      std::unique_lock hold(mutex);
      any.notify_one();
    });
  for (int i = 0; i != 3; ++i) semaphore.acquire();
  promise.set_value(7);
  for (int i = 0; i != 3; ++i) sem_wait(&posix);
  for (int seen = word.load(); seen != 3; seen = word.load()) word.wait(seen);
  for (std::thread& one : threads) one.join();
  say(std::to_string(sum));
  return 0;
}

EXPLORED(lock_order) {
  std::mutex one;
  std::mutex other;
  std::thread thread([&] {
    const std::lock_guard first(one);
    const std::lock_guard second(other);
  });
  {
    const std::lock_guard first(other);
    const std::lock_guard second(one);
  }
  thread.join();
  return 0;
}

// Which of two waiters a signal wakes, and nobody wakes without one.
EXPLORED(signal) {
  std::mutex mutex;
  std::condition_variable changed;
  int waiting = 0;
  bool told = false;
  std::string woken;
  std::vector<std::thread> threads;
  for (char name : {'a', 'b'})
    threads.emplace_back([&, name] {
      std::unique_lock hold(mutex);
      ++waiting;
      changed.wait(hold);
      if (!told) woken += '!';
      woken += name;
    });
  for (;;) {
    const std::lock_guard hold(mutex);
    if (waiting == 2) break;
    std::this_thread::yield();
  }
  {
    const std::lock_guard hold(mutex);
    told = true;
    changed.notify_one();
  }
  std::this_thread::sleep_for(1s);
  {
    const std::lock_guard hold(mutex);
    changed.notify_one();
  }
  for (std::thread& one : threads) one.join();
  say(woken);
  return 0;
}

EXPLORED(lost_signal) {
  std::mutex mutex;
  std::condition_variable changed;
  std::thread thread([&] { changed.notify_one(); });
  {
    std::unique_lock hold(mutex);
    changed.wait(hold);
  }
  thread.join();
  return 0;
}

EXPLORED(an_hour) {
  const auto begin = std::chrono::steady_clock::now();
  const auto wall = std::chrono::system_clock::now();
  std::string order;
  std::mutex mutex;
  std::thread later([&] {
    std::this_thread::sleep_for(2h);
    const std::lock_guard hold(mutex);
    order += 'l';
  });
  std::this_thread::sleep_for(1h);
  {
    const std::lock_guard hold(mutex);
    order += 's';
  }
  later.join();
  const auto hours =
      std::chrono::duration_cast<std::chrono::hours>(std::chrono::steady_clock::now() - begin);
  const auto wall_hours =
      std::chrono::duration_cast<std::chrono::hours>(std::chrono::system_clock::now() - wall);
  say(order + " " + std::to_string(hours.count()) + " " + std::to_string(wall_hours.count()));
  return 0;
}

EXPLORED(waiting_for_the_clock) {
  const auto until = std::chrono::steady_clock::now() + 500ms;
  while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
  return 0;
}

EXPLORED(timeout) {
  std::mutex mutex;
  std::condition_variable changed;
  bool ready = false;
  std::thread thread([&] {
    for (int i = 0; i != 5; ++i) std::this_thread::yield();
    const std::lock_guard hold(mutex);
    ready = true;
    changed.notify_one();
  });
  bool got = false;
  {
    std::unique_lock hold(mutex);
    got = changed.wait_for(hold, 10ms, [&] { return ready; });
  }
  thread.join();
  say(got ? "in time" : "late");
  return 0;
}

EXPLORED(spin_for_ever) {
  std::atomic<bool> stop{false};
  while (!stop.load()) {
  }
  return 0;
}

// Ends although nobody yields: who spins lets others go first at last.
EXPLORED(spin_for_another) {
  std::atomic<bool> stop{false};
  std::thread thread([&] { stop = true; });
  while (!stop.load()) {
  }
  thread.join();
  return 0;
}

EXPLORED(no_steps_for_ever) {
  static volatile bool stop = false;
  while (!stop) {
  }
  return 0;
}

EXPLORED(abort_in_a_thread) {
  std::thread([] { std::abort(); }).join();
  return 0;
}

EXPLORED(exit_in_a_thread) {
  std::thread([] { std::exit(3); }).join();
  return 0;
}

EXPLORED(quick_end) { ::_exit(4); }

EXPLORED(main_ends_first) {
  static std::atomic<int> left{2};
  for (int i = 0; i != 2; ++i)
    std::thread([] {
      if (left.fetch_sub(1) == 1) std::printf("last\n");
    }).detach();
  pthread_exit(nullptr);
}

EXPLORED(fork_and_threads) {
  std::thread thread([] { std::this_thread::yield(); });
  const pid_t child = ::fork();
  if (child == 0) {
    int got = 0;
    std::thread([&] { got = 1; }).join();
    ::_exit(got == 1 ? 7 : 8);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  thread.join();
  return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : 1;
}

EXPLORED(run_another_program) {
  return std::getenv("GOBENCH_EXPLORE") == nullptr &&
                 std::system("test -z \"$GOBENCH_EXPLORE\"") == 0
             ? 0
             : 1;
}

EXPLORED(pipe) {
  int ends[2];
  if (::pipe(ends) != 0) return 1;
  std::string text(100'000, 'x');
  std::thread writer([&] {
    if (::write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      std::abort();
    ::close(ends[1]);
  });
  std::size_t got = 0;
  char piece[1000];
  for (ssize_t size = 0; (size = ::read(ends[0], piece, sizeof piece)) > 0;)
    got += static_cast<std::size_t>(size);
  writer.join();
  say(std::to_string(got));
  return 0;
}

// No data race, no atomicity: the assertion fails in some schedules.
EXPLORED(check_then_act) {
  std::atomic<int> left{1};
  std::atomic<int> taken{0};
  const auto take = [&] {
    if (left.load() > 0) {
      left.fetch_sub(1);
      taken.fetch_add(1);
    }
  };
  std::thread one(take);
  std::thread other(take);
  one.join();
  other.join();
  return taken.load() == 1 ? 0 : 1;
}

// A race that no atomic or lock is near.
EXPLORED(plain_counter) {
  static int counter = 0;
  const auto count = [] {
    for (int i = 0; i != 3; ++i) counter = counter + 1;
  };
  std::thread one(count);
  std::thread other(count);
  one.join();
  other.join();
  say(std::to_string(counter));
  return 0;
}

EXPLORED(randomness) {
  std::random_device device;
  int on_the_heap = 0;
  auto* block = new int;
  std::thread thread([&] { on_the_heap = static_cast<int>(device() % 1000); });
  thread.join();
  std::printf("%u %d %p %p %u\n", device(), on_the_heap, static_cast<void*>(block),
              static_cast<void*>(&device), std::thread::hardware_concurrency());
  delete block;
  return 0;
}

EXPLORED(cancelled) {
  static int cleaned = 0;
  pthread_t thread{};
  const auto body = [](void*) -> void* {
    pthread_cleanup_push([](void*) { ++cleaned; }, nullptr);
    for (;;) std::this_thread::sleep_for(1s);
    pthread_cleanup_pop(0);
    return nullptr;
  };
  pthread_create(&thread, nullptr, body, nullptr);
  pthread_cancel(thread);
  void* result = nullptr;
  pthread_join(thread, &result);
  return cleaned == 1 && result == PTHREAD_CANCELED ? 0 : 1;
}
