// pthread_create and all ways for a thread to end; thread-specific keys.
#include <pthread.h>

#include <ctime>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

void expect(int result) {
  if (result != 0) std::abort();
}

// Starts a thread that runs `body` of `one`.
template <class Case, void (Case::*Body)()>
pthread_t start(Case& one) {
  pthread_t made{};
  expect(pthread_create(
      &made, nullptr,
      [](void* of) -> void* {
        (static_cast<Case*>(of)->*Body)();
        return nullptr;
      },
      &one));
  return made;
}

struct pthread_create_then_write : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void body() {
    await(1);
    side(*this, &pthread_create_then_write::second);
  }
  void run() {
    if (twin()) side(*this, &pthread_create_then_write::first);
    const pthread_t beside =
        start<pthread_create_then_write, &pthread_create_then_write::body>(*this);
    if (!twin()) side(*this, &pthread_create_then_write::first);
    reach(1);
    expect(pthread_join(beside, nullptr));
  }
};
CORPUS_CASE(pthread_create_then_write, "pthread_create; a write after it");

// A thread that has ended, and the ways to learn of it.
template <class Case>
struct ended_thread : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void body() {
    side(static_cast<Case&>(*this), &Case::first);
    reach(1);
  }
  void run() {
    Case& self = static_cast<Case&>(*this);
    const pthread_t beside = start<ended_thread, &ended_thread::body>(*this);
    if (twin()) self.wait_for(beside);
    await(1);
    side(self, &Case::second);
    if (!twin()) self.wait_for(beside);
  }
};

struct pthread_join_too_late : ended_thread<pthread_join_too_late> {
  void first() { value = 1; }
  void second() { value = 2; }
  void wait_for(pthread_t thread) { expect(pthread_join(thread, nullptr)); }
};
CORPUS_CASE(pthread_join_too_late, "pthread_join; a write before it");

struct pthread_tryjoin : ended_thread<pthread_tryjoin> {
  void first() { value = 1; }
  void second() { value = 2; }
  void wait_for(pthread_t thread) {
    while (pthread_tryjoin_np(thread, nullptr) != 0) corpus::pause();
  }
};
CORPUS_CASE(pthread_tryjoin, "pthread_tryjoin_np");

struct pthread_timedjoin : ended_thread<pthread_timedjoin> {
  void first() { value = 1; }
  void second() { value = 2; }
  void wait_for(pthread_t thread) {
    timespec when{};
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_sec += 60;
    expect(pthread_timedjoin_np(thread, nullptr, &when));
  }
};
CORPUS_CASE(pthread_timedjoin, "pthread_timedjoin_np");

// What a thread that leaves by pthread_exit has done, and the destructors on its stack.
struct pthread_exit_destructor : race_case {
  long value = 0;
  struct at_end {
    pthread_exit_destructor* of;
    ~at_end() {
      side(*of, &pthread_exit_destructor::first);
      of->reach(1);
    }
  };
  void first() { value = 1; }
  void second() { value = 2; }
  void body() {
    const at_end last{this};
    pthread_exit(this);
  }
  void run() {
    const pthread_t beside = start<pthread_exit_destructor, &pthread_exit_destructor::body>(*this);
    if (twin()) expect(pthread_join(beside, nullptr));
    await(1);
    side(*this, &pthread_exit_destructor::second);
    if (!twin()) expect(pthread_join(beside, nullptr));
  }
};
CORPUS_CASE(pthread_exit_destructor, "pthread_exit; a destructor that it runs");

struct pthread_detached : race_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  long value = 0;
  void first() {
    pthread_mutex_lock(&m);
    value = 1;
    pthread_mutex_unlock(&m);
  }
  void second() {
    if (twin()) pthread_mutex_lock(&m);
    value = 2;
    if (twin()) pthread_mutex_unlock(&m);
  }
  void body() {
    side(*this, &pthread_detached::first);
    reach(1);
  }
  void run() {
    expect(pthread_detach(start<pthread_detached, &pthread_detached::body>(*this)));
    await(1);
    side(*this, &pthread_detached::second);
  }
};
CORPUS_CASE(pthread_detached, "pthread_detach; the end of such a thread is no edge");

struct pthread_created_detached : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  void run() {
    pthread_attr_t attributes;
    expect(pthread_attr_init(&attributes));
    expect(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    if (twin()) side(*this, &pthread_created_detached::first);
    pthread_t made{};
    expect(pthread_create(
        &made, &attributes,
        [](void* of) -> void* {
          auto& self = *static_cast<pthread_created_detached*>(of);
          self.await(1);
          side(self, &pthread_created_detached::second);
          self.reach(2);
          return nullptr;
        },
        this));
    expect(pthread_attr_destroy(&attributes));
    if (!twin()) side(*this, &pthread_created_detached::first);
    reach(1);
    await(2);
  }
};
CORPUS_CASE(pthread_created_detached, "PTHREAD_CREATE_DETACHED; a write after pthread_create");

// A cancelled thread runs its cleanup handlers, and then it is over.
struct pthread_cancel_cleanup : race_case {
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  static void clean(void* of) {
    auto& self = *static_cast<pthread_cancel_cleanup*>(of);
    side(self, &pthread_cancel_cleanup::first);
    self.reach(2);
  }
  void body() {
    pthread_cleanup_push(clean, this);
    reach(1);
    for (;;) ::usleep(100);  // a cancellation point
    pthread_cleanup_pop(0);
  }
  void run() {
    const pthread_t beside = start<pthread_cancel_cleanup, &pthread_cancel_cleanup::body>(*this);
    await(1);
    expect(pthread_cancel(beside));
    if (twin()) expect(pthread_join(beside, nullptr));
    await(2);
    side(*this, &pthread_cancel_cleanup::second);
    if (!twin()) expect(pthread_join(beside, nullptr));
  }
};
CORPUS_CASE(pthread_cancel_cleanup, "pthread_cancel; a cleanup handler");

// Cancelled while it waits for a condition: the handler runs with the mutex held.
struct pthread_cancel_in_wait : race_case {
  pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t never = PTHREAD_COND_INITIALIZER;
  long value = 0;
  void first() { value = 1; }
  void second() {
    if (twin()) expect(pthread_mutex_lock(&m));
    value = 2;
    if (twin()) expect(pthread_mutex_unlock(&m));
  }
  static void clean(void* of) {
    auto& self = *static_cast<pthread_cancel_in_wait*>(of);
    side(self, &pthread_cancel_in_wait::first);
    expect(pthread_mutex_unlock(&self.m));
    self.reach(2);
  }
  void body() {
    expect(pthread_mutex_lock(&m));
    pthread_cleanup_push(clean, this);
    reach(1);
    for (;;) pthread_cond_wait(&never, &m);
    pthread_cleanup_pop(0);
  }
  void run() {
    const pthread_t beside = start<pthread_cancel_in_wait, &pthread_cancel_in_wait::body>(*this);
    await(1);
    expect(pthread_cancel(beside));
    await(2);
    side(*this, &pthread_cancel_in_wait::second);
    expect(pthread_join(beside, nullptr));
  }
};
CORPUS_CASE(pthread_cancel_in_wait, "pthread_cancel in pthread_cond_wait; the mutex is held again");

struct pthread_key_destructor : race_case {
  pthread_key_t key{};
  long value = 0;
  void first() { value = 1; }
  void second() { value = 2; }
  static void destroy(void* of) {
    auto& self = *static_cast<pthread_key_destructor*>(of);
    side(self, &pthread_key_destructor::first);
    self.reach(1);
  }
  void body() { expect(pthread_setspecific(key, this)); }
  void run() {
    expect(pthread_key_create(&key, destroy));
    const pthread_t beside = start<pthread_key_destructor, &pthread_key_destructor::body>(*this);
    if (twin()) expect(pthread_join(beside, nullptr));
    await(1);
    side(*this, &pthread_key_destructor::second);
    if (!twin()) expect(pthread_join(beside, nullptr));
  }
};
CORPUS_CASE(pthread_key_destructor, "pthread_key_create; the destructor of a thread's value");

// Each thread has its own; what is handed out is not.
struct pthread_key_handed_out : race_case {
  pthread_key_t key{};
  long mine = 0;
  long yours = 0;
  void first() {
    pthread_setspecific(key, &mine);
    *static_cast<long*>(pthread_getspecific(key)) = 1;
  }
  void second() {
    pthread_setspecific(key, twin() ? &yours : &mine);
    *static_cast<long*>(pthread_getspecific(key)) = 2;
  }
  void run() {
    expect(pthread_key_create(&key, nullptr));
    const pthread_t one =
        start<pthread_key_handed_out, &pthread_key_handed_out::first_and_tell>(*this);
    await(1);
    side(*this, &pthread_key_handed_out::second);
    expect(pthread_join(one, nullptr));
  }
  void first_and_tell() {
    side(*this, &pthread_key_handed_out::first);
    reach(1);
  }
};
CORPUS_CASE(pthread_key_handed_out, "pthread_setspecific; two threads with one address");

}  // namespace
