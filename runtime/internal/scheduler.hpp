// The M:N scheduler: which task runs next, on which processor, and who sleeps.
//
// Invariants
//  1. A runnable task is in exactly one place: a processor's next_task, queue or fresh list, or the global
//     queue. What has not run yet is in a fresh list (fresh_list.hpp tells why).
//  2. An idle processor has nothing queued and no next_task. So when no processor is busy, the global
//     queue is empty and no call blocks, nothing can run but by a timer or from outside.
//  3. A worker goes to sleep only after it has found the global queue empty under the lock, in the same
//     critical section in which it joins the idle list. Whoever adds to the global queue from outside
//     looks for a sleeper after that. So no task is left in the global queue while everybody sleeps.
//  4. Local pushes wake nobody for the sake of liveness: the pusher holds the processor and gets to the
//     task itself. A wake-up is for parallelism only, and is made when the queued work is worth it.
//  5. At least one sleeper or the watchdog wakes at the earliest timer of all processors.
//
// When a wake-up is worth it. Waking a sleeping worker costs the waker 11 us and it runs 18 us later
// (measured, 2-core virtual machine); a task switch costs some 20 ns. So a worker estimates how long its
// queued work lasts (tasks queued x average slice) and wakes another, or lets one steal, only above
// worth_waking_ns. That says nothing of what the queued tasks will spawn in their turn: a fresh task that
// has waited for overdue_ns while its processor was busy with newer ones may be taken as well. A processor
// whose tick stands still is computing: then its estimate says nothing, and
// a thief that sees it stand still takes over, woken by the watchdog if need be.
//
// The global queue is looked at every 64 decisions, or when there is nothing else to do. When tasks compute
// for milliseconds between two decisions that is long: what the watchdog finds there in two looks goes first.
//
// With queue_policy::global nothing is ever queued at a processor: every push and every pop is one at the
// global queue, under its lock. The rest is the same, also when a wake-up is worth it, so that what is
// measured is the queue. It is for comparison only.
//
// A task that computes for 10 ms without a scheduling point keeps its worker, but not the others: the
// watchdog moves what stands in the queue behind it to the global queue. If no other processor is left to
// take it from there, it lends one more, so that the kernel shares the CPUs among the tasks that compute
// and the rest. As soon as one of the former comes back, a processor, the last one, is taken away again.
//
// Rejected: interrupting the task by a signal, as Go does: a fiber that is left in the middle of malloc or
// of any code that has read a thread-local's address must not go on elsewhere.
// Rejected: Go's rule (wake a worker for every task made runnable while nobody searches): a
// ping-pong between two fibers then pays a futex call per message and runs slower on two processors
// than on one. A single shared queue: every push and pop would meet on one line. Handing a readied
// task straight to a sleeping worker: costs the same wake-up, and its data is warm here.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/counters.hpp"
#include "runtime/internal/worker.hpp"
#include "runtime/options.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

struct ready_list;

inline constexpr int largest_procs = 1024;
inline constexpr std::int64_t worth_waking_ns = 25'000;

inline std::int64_t now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

class scheduler {
 public:
  // One per process, never destroyed: a thread left behind in a blocking call may still look at it.
  static scheduler& instance();

  // --- run.cpp ---
  // Runs main_task until it ends or deadlocks, then ends all others.
  void run(const options& chosen, control& main_task);
  // Whether a run on fibers is on and has not begun to end.
  bool active() const noexcept { return active_.load(std::memory_order_acquire); }
  stack_arena& stacks() const noexcept { return *arena_; }

  // --- for the API ---
  void start(control& fresh);
  // Makes a parked task runnable. From anywhere.
  void make_ready(control& task) noexcept;
  // Lets others run; false when there was nobody.
  bool yield(worker& w);
  void enter_blocking(worker& w) noexcept;
  void leave_blocking(worker& w);
  void back_from_blocking(control& task) noexcept;
  // What the user asked for, and what is in force: more while processors are lent, see lend().
  int asked_limit() const noexcept { return asked_limit_.load(std::memory_order_relaxed); }
  int limit() const noexcept { return limit_.load(std::memory_order_relaxed); }
  int set_limit(int n);

  // --- for fibers, between tasks ---
  // The next task in the worker's own queues, or null: then switch to the loop.
  control* pick_local(worker& w) noexcept;
  // Whether the loop has something to do although the worker's own queues are empty.
  bool wanted_in_loop(const worker& w) const noexcept;
  void push_local(worker& w, control& task) noexcept;  // to the end of the queue
  void push_next(worker& w, control& task) noexcept;   // to run next
  void push_fresh(worker& w, control& task) noexcept;  // one that has not run yet
  void push_global(control& task) noexcept;
  void push_shared(const processor& mine, control& task) noexcept;  // queue_policy::global
  // The main task has ended.
  void main_ended() noexcept;

  // --- for the watchdog ---
  // One look at all processors; returns how long the watchdog may sleep, in nanoseconds.
  std::int64_t inspect() noexcept;
  bool busy() const noexcept { return busy_.load() != 0; }
  // Gives stacks back that were idle since the last call. True while there may be more of them to come.
  bool trim_stacks() noexcept;
  // What runs at this moment, and on which processor.
  std::map<const control*, int> running_tasks() const;
  runtime_counters count() const noexcept;  // since the process began
  std::int64_t coarse_now_ns() const noexcept { return coarse_ns_.load(std::memory_order_relaxed); }

  // An OS thread from outside has touched something of ours.
  void note_outsider() noexcept { outsider_seen_.store(true, std::memory_order_relaxed); }

 private:
  friend void* worker_main(void*);

  // scheduler.cpp: finding work
  void loop(worker& w);
  control* find_work(worker& w);
  control* take_global(worker& w) noexcept;
  control* steal(worker& w) noexcept;
  control* steal_from(worker& w, processor& victim, bool stalled, std::int64_t now) noexcept;
  control* found(worker& w, control* task) noexcept;
  void fire_timers(std::int64_t now) noexcept;
  void consider_waking(const processor& p) noexcept;
  control* slow_tick(worker& w) noexcept;
  static void note_slice(processor& p, std::int64_t now) noexcept;

  void append_global(control& task) noexcept;  // under lock_
  // `count` tasks, linked through `next`. Under lock_.
  void append_global(control& first, control& last, std::uint32_t count) noexcept;

  // idle.cpp: sleeping and waking
  bool sleep(worker& w);
  bool suspect_deadlock(worker& w) noexcept;
  void wake_one() noexcept;
  void change_limit(int n);  // under lock_
  void lend(int processors) noexcept;
  void move_queue_of(processor& p) noexcept;
  static control* empty_out(processor& p) noexcept;  // under p.work
  void push_all_global(control* first) noexcept;     // linked through `next`
  processor* take_idle_processor() noexcept;         // under lock_
  void release_processor(processor& p) noexcept;     // under lock_
  worker* take_idle_worker() noexcept;               // under lock_
  void leave_idle_list(worker& w) noexcept;          // under lock_
  bool start_worker(processor& p, bool spinning) noexcept;
  void retire(worker& w) noexcept;
  void hand_off(processor& p) noexcept;
  std::int64_t earliest_timer() const noexcept;
  void wake_watchdog() noexcept;
  void rouse(worker& w) noexcept;

  // polling.cpp: those that wait for descriptors
  void make_ready(worker& w, const ready_list& woken) noexcept;
  bool look_at_descriptors(worker& w) noexcept;
  void look_at_descriptors_at_times(worker& w, std::int64_t now) noexcept;
  bool look_for_busy_workers(std::int64_t now) noexcept;
  bool should_poll() const noexcept;  // under lock_
  bool sleep_in_poll(worker& w, std::int64_t deadline);

  random_source random_of(int processor_number) const noexcept {
    return random_source(chosen_.seed + static_cast<std::uint64_t>(processor_number) * 0x9e37U);
  }

  // ending.cpp
  bool first_worker_started() const noexcept;
  void begin_end() noexcept;
  void wait_for_workers();
  void end_tasks(at_end how);
  bool end_task(worker& w, control& task, at_end how);
  void abandon_task(control& task) noexcept;
  void end_fresh(control& task) noexcept;

  std::atomic<bool> active_{false};
  std::atomic<bool> ended_{false};
  // options::queues; written while no worker is there. Beside `ended_`, which who pushes looks at anyway.
  bool shared_queue_ = false;
  bool global_waited_ = false;  // at the watchdog's last look; its own
  std::uint64_t run_ = 0;
  options chosen_;
  stack_arena* arena_ = nullptr;
  std::exception_ptr trouble_;  // a deadlock, for the caller of run()
  std::atomic<std::uint32_t> done_{0};
  bool spin_before_sleep_ = true;

  alignas(64) std::atomic<int> limit_{0};
  std::atomic<int> asked_limit_{0};
  std::atomic<bool> lends_{true};  // options::hand_off, for the watchdog
  std::atomic<int> processors_made_{0};
  std::vector<std::unique_ptr<processor>> processors_;

  alignas(64) mutable spin_lock lock_;
  control* global_first_ = nullptr;
  control* global_last_ = nullptr;
  std::atomic<std::uint32_t> global_size_{0};
  worker* idle_workers_ = nullptr;
  worker* timekeeper_ = nullptr;     // the sleeper that wakes for the earliest timer
  std::atomic<bool> polled_{false};  // a worker is in sleep_in_poll(); changed under lock_
  std::atomic<int> busy_{0};         // processors running or blocking; changed under lock_
  std::vector<worker*> workers_;     // of this run
  std::int64_t suspected_since_ns_ = 0;
  std::vector<int> run_began_among_;  // the OS threads of the process when the run began

  alignas(64) std::atomic<int> idle_processors_{0};
  // Workers that search for work. Every increment is undone by whoever made it, also at the end of a
  // run, which those from outside may be in the middle of.
  std::atomic<int> spinning_{0};
  // Threads without a processor that take timers out of the heaps in order to wake their tasks.
  std::atomic<int> firing_{0};
  std::atomic<bool> trimming_{false};  // the watchdog holds stacks, or is about to
  std::atomic<int> blocking_{0};       // tasks inside blocking()
  std::atomic<bool> outsider_seen_{false};
  std::atomic<bool> refused_{false};  // the kernel would not start a worker
  std::atomic<std::int64_t> coarse_ns_{0};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
