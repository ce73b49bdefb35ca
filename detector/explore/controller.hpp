// The baton, and who may have it.
//
// Invariants
// - At most one controlled thread runs: `running`. It alone changes the records, and whatever else is decided. Threads that are
//   not controlled may wake others, so all of it is under `lock`, which the baton's holder rarely waits for.
// - `running` is null only while nobody could run and somebody outside may change that.
// - A thread that gives the baton away has said in `next`, `object` and `pc` what it does when it gets it again.
// - Records are numbered from 1 in the order of creation, and never reused.
// - Everything runs inside the detector, so that handlers of signals wait, memory is of the arena, and nothing of the
//   program's is called.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <atomic>
#include <vector>

#include "detector/engine/spin_lock.hpp"
#include "detector/explore/explore.hpp"
#include "detector/explore/strategy.hpp"

namespace gobench::detector {
struct task_state;
}

namespace gobench::detector::explore {

enum class stage : std::uint8_t { created, ready, waiting, ended };

struct thread_record {
  std::uint32_t number = 0;
  explore::stage stage = explore::stage::created;
  // What it does when it goes on.
  operation next = operation::thread_start;
  std::uintptr_t object = 0;
  address pc = 0;

  // While it waits.
  const void* key = nullptr;
  operation waits_in = operation::other;
  operation then = operation::other;
  std::uintptr_t then_object = 0;
  std::int64_t deadline = never;
  std::uint64_t since = 0;  // order of arrival
  bool interruptible = false;
  const explore::probe* probe = nullptr;
  wait_end how = wait_end::woken;

  bool detached = false;
  bool joined = false;
  pthread_t handle{};
  task_state* task = nullptr;
  const std::uint32_t* kernel_word = nullptr;  // the kernel sets it to 0 when the thread is gone
  pid_t kernel_number = 0;
  // By a handler in the thread itself: one waits to be run; how many have.
  std::atomic<std::uint32_t> signals_noted{0};
  std::atomic<bool> signalled{false};   // by a handler in the thread itself
  std::atomic<std::uint32_t> baton{0};  // 1: it may run
};

struct controller {
  spin_lock lock;
  strategy* decides = nullptr;
  std::vector<thread_record*> live;      // by number; not those that have ended
  std::vector<thread_record*> unjoined;  // ended or not, whose pthread_t is valid
  std::vector<candidate> candidates;
  thread_record* running = nullptr;
  thread_record* last_ended = nullptr;  // perhaps not gone yet
  std::uint32_t last_number = 0;
  std::uint32_t last_ran = 1;
  std::uint64_t steps = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t in_row = 0;           // steps of the same thread while others could
  std::uint64_t idle_yields = 0;      // steps in a row in which everybody stood back
  std::uint64_t clock_reads = 0;      // in a row
  std::int64_t now = 0;               // since the beginning
  std::uint32_t services = 0;         // threads that are not controlled
  std::vector<thread_record*> found;  // of waiters_of()
};

// Constructed at start-up.
extern controller* state;

// With the baton, and the lock held, which is given up. Somebody else may go on, `me` among them; returns when `me` has
// the baton again. Null: the caller is no candidate, and does not wait.
void hand_over(thread_record* me, bool stepping_back) noexcept;
// Waits for the baton, without the lock.
void take_baton(thread_record& me) noexcept;
// Under the lock: it is a candidate again.
void make_ready(thread_record& thread, wait_end how) noexcept;
// Under the lock, by whoever has no baton: if nobody runs, somebody may now.
void run_somebody() noexcept;

// Under the lock: choose().
std::size_t choose_value(std::size_t count, operation why, std::uintptr_t object,
                         address pc) noexcept;

// Nobody can run, and nothing can change that; and: there is no end of it. Tell, end the log and the process.
[[noreturn]] void end_in_standstill() noexcept;
// `in_handler`: of a signal that came anywhere, perhaps inside the detector.
[[noreturn]] void end_in_hang(const char* why, bool in_handler = false) noexcept;

const char* describe(operation what) noexcept;

}  // namespace gobench::detector::explore
