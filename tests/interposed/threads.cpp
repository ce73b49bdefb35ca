// Making, ending, joining, detaching and cancelling threads.
#include <semaphore.h>
#include <signal.h>
#include <threads.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "tests/interposed/cases.hpp"

using namespace interposed;

namespace {

int value = 0;
void* add_one(void*) {
  ++value;
  return nullptr;
}
void* leave_by_exit(void*) {
  ++value;
  pthread_exit(&value);
}

template <typename Join>
void joined_by(Join join) {
  value = 1;
  pthread_t thread;
  CHECK(pthread_create(&thread, nullptr, &add_one, nullptr) == 0);
  while (join(thread) != 0) usleep(1000);
  ++value;
  CHECK(value == 3);
}

}  // namespace

SILENT(thread_join) {
  joined_by([](pthread_t thread) { return pthread_join(thread, nullptr); });
}
SILENT(thread_tryjoin) {
  joined_by([](pthread_t thread) { return pthread_tryjoin_np(thread, nullptr); });
}
SILENT(thread_timedjoin) {
  joined_by([](pthread_t thread) {
    const timespec until = after_ms(CLOCK_REALTIME, 20);
    return pthread_timedjoin_np(thread, nullptr, &until);
  });
}
SILENT(thread_clockjoin) {
  joined_by([](pthread_t thread) {
    const timespec until = after_ms(CLOCK_MONOTONIC, 20);
    return pthread_clockjoin_np(thread, nullptr, CLOCK_MONOTONIC, &until);
  });
}
RACY(thread_not_joined_yet) {
  std::thread thread([] { ++value; });
  ++value;
  thread.join();
}
RACY(thread_tryjoin_fails) {
  unseen_steps steps;
  std::thread thread([&] {
    ++value;
    steps.reach(1);
    steps.wait(2);
  });
  steps.wait(1);
  CHECK(pthread_tryjoin_np(thread.native_handle(), nullptr) == EBUSY);
  ++value;
  steps.reach(2);
  thread.join();
}
SILENT(thread_exit_and_result) {
  pthread_t thread;
  pthread_create(&thread, nullptr, &leave_by_exit, nullptr);
  void* result = nullptr;
  pthread_join(thread, &result);
  CHECK(*static_cast<int*>(result) == 1);
}
SILENT(thread_detached_posts) {
  static sem_t done;
  sem_init(&done, 0, 0);
  std::thread([] {
    ++value;
    sem_post(&done);
  }).detach();
  sem_wait(&done);
  ++value;
}
RACY(thread_detached_races) {
  static unseen_steps steps;
  std::thread([] {
    ++value;
    steps.reach(1);
  }).detach();
  steps.wait(1);
  ++value;
}
SILENT(thread_detached_by_attribute) {
  static sem_t done;
  sem_init(&done, 0, 0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < 200; ++i) {
    pthread_t thread;
    CHECK(pthread_create(
              &thread, &attributes,
              [](void*) -> void* {
                ++value;
                sem_post(&done);
                return nullptr;
              },
              nullptr) == 0);
    sem_wait(&done);
    ++value;
  }
  CHECK(value == 400);
}
SILENT(thread_detaches_itself) {
  static sem_t done;
  sem_init(&done, 0, 0);
  for (int i = 0; i < 100; ++i) {
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          pthread_detach(pthread_self());
          ++value;
          sem_post(&done);
          return nullptr;
        },
        nullptr);
    sem_wait(&done);
  }
  CHECK(value == 100);
}
SILENT(thread_many_one_after_the_other) {
  for (int i = 0; i < 1000; ++i) {
    std::thread thread([] { ++value; });
    thread.join();
  }
  CHECK(value == 1000);
}
SILENT(thread_many_at_once) {
  static int values[64];
  for (int round = 0; round < 10; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 64; ++i) threads.emplace_back([i] { ++values[i]; });
    for (auto& thread : threads) thread.join();
    for (int one : values) CHECK(one == round + 1);
  }
}
SILENT(thread_creation_fails) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, std::size_t{1} << 46);
  pthread_t thread;
  for (int i = 0; i < 100; ++i) CHECK(pthread_create(&thread, &attributes, &add_one, nullptr) != 0);
  value = 0;
  joined_by([](pthread_t made) { return pthread_join(made, nullptr); });
}
SILENT(thread_joined_by_a_third) {
  std::thread first([] { ++value; });
  std::thread second([&] {
    first.join();
    ++value;
  });
  second.join();
  ++value;
}
SILENT(thread_arguments_on_the_stack) {
  int own = 1;
  pthread_t thread;
  pthread_create(
      &thread, nullptr,
      [](void* given) -> void* {
        ++*static_cast<int*>(given);
        return nullptr;
      },
      &own);
  pthread_join(thread, nullptr);
  CHECK(own == 2);
}
SILENT(thread_stack_is_used_again) {
  for (int i = 0; i < 50; ++i) {
    const auto work = [] {
      volatile int own[100] = {};
      CHECK(own[7] == 0);
    };
    both(work, work);
  }
}

// --- thread-local data ---------------------------------------------------------------------------------------
namespace {
struct counted {
  ~counted() { ++value; }
  int touched = 0;
};
thread_local counted local;
pthread_key_t key;
}  // namespace

SILENT(thread_local_destructor_before_join) {
  std::thread thread([] { local.touched = 1; });
  thread.join();
  CHECK(value == 1);
  ++value;
}
RACY(thread_local_destructor_races) {
  std::thread thread([] { local.touched = 1; });
  ++value;
  thread.join();
}
SILENT(thread_key_destructor_before_join) {
  pthread_key_create(&key, [](void*) { ++value; });
  std::thread thread([] { pthread_setspecific(key, &value); });
  thread.join();
  CHECK(value == 1);
  ++value;
}
SILENT(thread_key_destructor_rearms) {
  static int rounds = 0;
  pthread_key_create(&key, [](void* again) {
    ++value;
    if (++rounds < 3) pthread_setspecific(key, again);
  });
  std::thread thread([] { pthread_setspecific(key, &value); });
  thread.join();
  CHECK(value == 3);
  ++value;
}
RACY(thread_key_destructor_races) {
  pthread_key_create(&key, [](void*) { ++value; });
  std::thread thread([] { pthread_setspecific(key, &value); });
  ++value;
  thread.join();
}

// --- cancellation ----------------------------------------------------------------------------------------------
namespace {
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
bool waiting = false;
int seen_by_cleanup = 0;

void unlock_mutex(void*) {
  ++value;
  pthread_mutex_unlock(&mutex);
}
}  // namespace

SILENT(cancel_in_condition_wait) {
  std::thread thread([] {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(&unlock_mutex, nullptr);
    waiting = true;
    for (;;) pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(0);
  });
  for (bool there = false; !there;) {
    pthread_mutex_lock(&mutex);
    there = waiting;
    pthread_mutex_unlock(&mutex);
  }
  pthread_mutex_lock(&mutex);
  ++value;
  pthread_mutex_unlock(&mutex);
  pthread_cancel(thread.native_handle());
  thread.join();
  pthread_mutex_lock(&mutex);
  CHECK(value == 2);
  pthread_mutex_unlock(&mutex);
}
SILENT(cancel_is_before_cleanup) {
  static int ends[2];
  CHECK(pipe(ends) == 0);
  std::thread thread([] {
    char letter = 0;
    pthread_cleanup_push([](void*) { seen_by_cleanup = value; }, nullptr);
    CHECK(read(ends[0], &letter, 1) != 1);
    pthread_cleanup_pop(0);
  });
  value = 7;
  pthread_cancel(thread.native_handle());
  thread.join();
  CHECK(seen_by_cleanup == 7);
}
SILENT(cancel_at_testcancel) {
  std::thread thread([] {
    pthread_cleanup_push([](void*) { seen_by_cleanup = value; }, nullptr);
    for (;;) pthread_testcancel();
    pthread_cleanup_pop(0);
  });
  value = 7;
  pthread_cancel(thread.native_handle());
  thread.join();
  CHECK(seen_by_cleanup == 7);
}
// --- <threads.h> -------------------------------------------------------------------------------------------------
SILENT(c11_thread) {
  thrd_t thread;
  CHECK(thrd_create(
            &thread,
            [](void* given) {
              ++*static_cast<int*>(given);
              return 42;
            },
            &value) == thrd_success);
  int result = 0;
  CHECK(thrd_join(thread, &result) == thrd_success);
  CHECK(result == 42);
  ++value;
  CHECK(value == 2);
}
RACY(c11_thread_races) {
  thrd_t thread;
  thrd_create(
      &thread,
      [](void* given) {
        ++*static_cast<int*>(given);
        return 42;
      },
      &value);
  ++value;
  thrd_join(thread, nullptr);
}
SILENT(c11_mutex_and_condition) {
  static mtx_t guard;
  static cnd_t changed;
  mtx_init(&guard, mtx_plain);
  cnd_init(&changed);
  std::thread thread([] {
    mtx_lock(&guard);
    ++value;
    cnd_signal(&changed);
    mtx_unlock(&guard);
  });
  mtx_lock(&guard);
  while (value == 0) cnd_wait(&changed, &guard);
  ++value;
  mtx_unlock(&guard);
  thread.join();
  cnd_destroy(&changed);
  mtx_destroy(&guard);
}
SILENT(c11_timed_recursive_mutex) {
  static mtx_t guard;
  mtx_init(&guard, mtx_timed | mtx_recursive);
  const auto work = [] {
    for (int i = 0; i < 1000; ++i) {
      const timespec until = after_ms(CLOCK_REALTIME, 60000);
      CHECK(mtx_timedlock(&guard, &until) == thrd_success);
      CHECK(mtx_trylock(&guard) == thrd_success);
      ++value;
      mtx_unlock(&guard);
      mtx_unlock(&guard);
    }
  };
  both(work, work);
  mtx_destroy(&guard);
}
SILENT(c11_once) {
  static once_flag flag = ONCE_FLAG_INIT;
  const auto work = [] {
    call_once(&flag, [] { value = 5; });
    CHECK(value == 5);
  };
  both(work, work);
}
SILENT(cancel_in_sleep) {
  std::thread thread([] {
    pthread_cleanup_push([](void*) { seen_by_cleanup = value; }, nullptr);
    for (;;) sleep(1);
    pthread_cleanup_pop(0);
  });
  value = 7;
  pthread_cancel(thread.native_handle());
  thread.join();
  CHECK(seen_by_cleanup == 7);
}
SILENT(timer_notices_in_threads) {
  static sem_t done;
  sem_init(&done, 0, 0);
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_value.sival_ptr = &value;
  event.sigev_notify_function = [](sigval given) {
    ++*static_cast<int*>(given.sival_ptr);
    std::thread([&] { ++*static_cast<int*>(given.sival_ptr); }).join();
    sem_post(&done);
  };
  timer_t timer;
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  value = 5;
  itimerspec soon{};
  soon.it_value.tv_nsec = 1000000;
  CHECK(timer_settime(timer, 0, &soon, nullptr) == 0);
  while (sem_wait(&done) != 0) {
  }
  CHECK(++value == 8);
  CHECK(timer_delete(timer) == 0);
}
RACY(timer_notice_races) {
  static unseen_steps steps;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_notify_function = [](sigval) {
    ++value;
    steps.reach(1);
  };
  timer_t timer;
  CHECK(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
  itimerspec soon{};
  soon.it_value.tv_nsec = 1000000;
  CHECK(timer_settime(timer, 0, &soon, nullptr) == 0);
  steps.wait(1);
  ++value;
}
