#include "detector/interpose/thread_table.hpp"

#include <sched.h>

#include <array>
#include <atomic>
#include <cstddef>

#include "detector/engine/arena.hpp"

namespace gobench::detector::interpose::thread_table {
namespace {

struct entry {
  pthread_t thread;
  task_state* task;
  bool detached;
  bool finished;
  entry* next;
};

constexpr std::size_t bucket_count = 4096;
constinit std::array<entry*, bucket_count> buckets{};
constinit std::atomic_flag lock{};

class locked {
 public:
  locked() noexcept { take(); }
  ~locked() { give(); }
  locked(const locked&) = delete;
  locked& operator=(const locked&) = delete;

  // Pairs with the release in give().
  static void take() noexcept {
    while (lock.test_and_set(std::memory_order_acquire)) ::sched_yield();
  }
  static void give() noexcept { lock.clear(std::memory_order_release); }

 private:
  internal_scope
      inside_;  // outlives the lock: members are destroyed after the body of the destructor
};

// An identifier is the address of a thread's control block.
entry** place_of(pthread_t thread) noexcept {
  const std::size_t mixed = (thread >> 6) * 0x9E3779B97F4A7C15u;
  entry** at = &buckets[mixed >> 52];
  while (*at != nullptr && (*at)->thread != thread) at = &(*at)->next;
  return at;
}

void unlink(entry** at) noexcept {
  entry* gone = *at;
  *at = gone->next;
  arena::deallocate(gone);
}

}  // namespace

void add(pthread_t thread, task_state* task, bool detached) noexcept {
  const locked hold;
  entry** at = place_of(thread);
  if (*at == nullptr) {
    auto* fresh = static_cast<entry*>(arena::allocate(sizeof(entry)));
    if (fresh == nullptr)
      return;  // then its join is no edge to anybody: the arena's limit is 32 GB
    fresh->thread = thread;
    fresh->next = nullptr;
    *at = fresh;
  }
  (*at)->task = task;
  (*at)->detached = detached;
  (*at)->finished = false;
}

task_state* find(pthread_t thread) noexcept {
  const locked hold;
  const entry* found = *place_of(thread);
  return found == nullptr ? nullptr : found->task;
}

void remove(pthread_t thread, const task_state* task) noexcept {
  const locked hold;
  entry** at = place_of(thread);
  if (*at != nullptr && (*at)->task == task) unlink(at);
}

task_state* detach(pthread_t thread) noexcept {
  const locked hold;
  entry** at = place_of(thread);
  if (*at == nullptr || (*at)->detached) return nullptr;
  task_state* task = (*at)->task;
  (*at)->detached = true;
  if ((*at)->finished) unlink(at);
  return task;
}

void finished(pthread_t thread) noexcept {
  const locked hold;
  entry** at = place_of(thread);
  if (*at == nullptr) return;
  (*at)->finished = true;
  if ((*at)->detached) unlink(at);
}

void before_fork() noexcept { locked::take(); }

void after_fork(bool in_child) noexcept {
  if (in_child) {
    for (entry*& bucket : buckets) {
      for (entry** at = &bucket; *at != nullptr;) {
        if ((*at)->thread == ::pthread_self()) {
          at = &(*at)->next;
        } else {
          unlink(at);
        }
      }
    }
  }
  locked::give();
}

}  // namespace gobench::detector::interpose::thread_table
