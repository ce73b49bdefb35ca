// The 1:1 backend: every task is an OS thread, the kernel schedules.
//
// Invariants
//  - `awake_` counts the tasks that run or can run by themselves: not those parked without a deadline. A
//    task is counted out by itself after it has parked, and counted in by whoever takes it out of the
//    parked state, before it is woken. So 0 means that only somebody from outside can wake anybody.
//  - A task's thread is joined once, by the run's end or by a later start(), after the task has said
//    through `finished_` that it is over.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <vector>

#include "runtime/internal/control.hpp"
#include "runtime/options.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

class thread_backend {
 public:
  // One per process, never destroyed.
  static thread_backend& instance();

  // Runs main_task on the calling thread, then ends all others.
  void run(const options& chosen, control& main_task);
  bool active() const noexcept { return active_.load(std::memory_order_acquire); }

  // Throws std::system_error when no thread can be had; the task is untouched then.
  void start(control& fresh);

  // Ends the calling task, but not its thread: that sleeps for ever where it stands.
  [[noreturn]] void leave_behind(control& self);
  // Whether tasks that are left at the end of the run are abandoned instead of unwound.
  bool abandons() const noexcept { return chosen_.end == at_end::abandon; }

  // Waits as runtime/park.hpp says. `self` is the calling thread's own waiter.
  park_result park(waiter& self, wait_info why, steady_time deadline);
  // The second half of unpark() for a thread that was parked.
  void resume(waiter& target, permit_word was) noexcept;

  void enter_blocking(control& self) noexcept;
  void leave_blocking(control& self) noexcept;

  int limit() const noexcept { return limit_.load(std::memory_order_relaxed); }
  int set_limit(int n) noexcept { return limit_.exchange(n); }
  void note_outsider() noexcept { outsider_seen_.store(true, std::memory_order_relaxed); }

 private:
  friend void* thread_task_main(void*);

  bool count_out() noexcept;  // true for the last one awake
  bool deadlocked();
  void watch_standstill();
  void limit_cpus() noexcept;
  void end_tasks();
  bool end_task(control& task, bool may_defer);
  void join_finished();

  std::atomic<bool> active_{false};
  std::atomic<bool> ended_{false};
  std::uint64_t run_ = 0;
  options chosen_;
  control* main_ = nullptr;
  std::exception_ptr trouble_;
  std::atomic<int> limit_{0};
  std::atomic<int> awake_{0};
  std::atomic<bool> outsider_seen_{false};
  std::atomic<std::uint32_t> endings_{0};  // counts tasks that have ended; waited on at the end

  spin_lock lock_;
  std::vector<pthread_t> finished_;
  std::vector<int> started_numbers_;  // kernel's numbers of our threads
  std::vector<int> run_began_among_;
  std::int64_t suspected_since_ns_ = 0;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
