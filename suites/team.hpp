// Tasks that share a number of operations, started together and timed together.
//
//   measurement run(const point& where, std::uint64_t iterations) {
//     std::uint64_t counter = 0;
//     std::mutex lock;
//     auto taken = measure_team(where, iterations, [&](int, std::uint64_t count) {
//       for (std::uint64_t i = 0; i < count; ++i) { const std::scoped_lock held(lock); ++counter; }
//     });
//     taken.result = proof::equal("the counter", counter, taken.operations);
//     return taken;
//   }
//
// Invariants
//  - The measured interval begins when every task has been started and is at the gate, and ends when
//    the last of them, and the service if there is one, has finished. Starting the runtime, spawning
//    and joining are outside.
//  - At the gate tasks stay runnable (they spin and yield): waking 64 sleeping OS threads one by one
//    takes longer than a sample, so the first would be done before the last had begun.
//  - The gate opens when the tasks have been seen on as many CPUs as they can use, or after 3 ms
//    without that. A fiber scheduler that has not yet woken its other workers would otherwise begin on
//    one CPU.
//  - When the point's most_seconds are over, each task ends with the part of its share at hand; what it
//    has done by then is counted.
//  - Whatever a task throws comes out of measure_team() after every other task has ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <gobench.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "suites/carrier.hpp"
#include "suites/registry.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

// The metrics that measure_team fills in where there is more than one task: the share of the sample's
// windows in which tasks progressed on two or more CPUs, and in which two or more tasks progressed
// (suites/overlap.hpp).
inline constexpr std::string_view metric_interleaved = "interleaved";
inline const std::vector<std::string> team_metrics = {std::string(results::metric_parallel),
                                                      std::string(metric_interleaved)};

// A further task that the others need while they work, such as the owner of the data.
struct service {
  std::function<void()> serve;    // returns once no_more() was called and all is served
  std::function<void()> no_more;  // called by the last of the tasks that has done its share
};

namespace internal {

// The gate and the stopwatch. The public part of a team is measure_team().
class start_line {
 public:
  // `iterations` operations to be shared by where.tasks tasks, which let each other run by `yield`.
  start_line(const point& where, bool serviced, std::uint64_t iterations, void (*yield)());

  // Operations that fall to a task, and into how many parts they are cut.
  std::uint64_t share_of(int task) const noexcept;
  std::uint64_t parts_of(int task) const noexcept;

  // Waits until all tasks are here and notes the start. False: the team was called off.
  bool start(int task);
  // A task has done `count` more operations, the part with this number. False: time is up.
  bool part_done(int task, std::uint64_t part, std::uint64_t count) noexcept {
    lane& mine = lanes_[static_cast<std::size_t>(task)];
    mine.done += count;
    const mark now = now_on(*source_);
    if (part % mine.parts_per_mark == mine.parts_per_mark - 1) mine.note(now);
    return now.ticks < mine.ends;
  }
  // A task, or the service, is done. True for the last of the tasks, which then owes the service its
  // no_more().
  bool share_done() noexcept;
  void finished() noexcept;

  // Lets the tasks that wait at the gate go home: one of them could not be started.
  void call_off() noexcept { state_.store(gate::called_off, std::memory_order_release); }

  // After all have finished.
  measurement taken() const;

 private:
  enum class gate : std::uint8_t { closed, open, called_off };

  // Marks of one task. Its own cache lines: tasks write while others do.
  class alignas(64) lane {
   public:
    void reserve(std::size_t n) {
      marks_.resize(n);  // touched here, so that no page fault falls into the interval
      used_ = 0;
    }
    void note(mark m) noexcept {
      if (used_ < marks_.size()) marks_[used_++] = m;
    }
    std::vector<mark> noted() const {
      return {marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(used_)};
    }

    // The CPU that the task was last seen on at the gate, written by it and read by the opener.
    std::atomic<std::uint32_t> at_gate{0};
    std::uint64_t parts_per_mark = 1;
    std::uint64_t ends = 0;  // the tick at which time is up
    std::uint64_t done = 0;  // operations

   private:
    std::vector<mark> marks_;
    std::size_t used_ = 0;
  };

  // Acquire pairs with the release of whoever opens the gate or calls the team off.
  gate state() const noexcept { return state_.load(std::memory_order_acquire); }
  void spin_a_slice() const noexcept;
  void seen_at_gate(int task) noexcept;
  int cpus_at_gate() const;
  void open_when_spread(int opener);

  const tick_source* source_;
  void (*const yield_)();
  const std::uint64_t longest_ticks_;
  const int tasks_;
  const int wanted_cpus_;
  const std::uint64_t iterations_;
  const std::uint64_t most_parts_;
  const std::uint64_t most_marks_;
  const std::uint64_t gate_slice_ns_;
  std::vector<lane> lanes_;

  std::atomic<gate> state_{gate::closed};
  std::atomic<int> arrived_{0};
  alignas(64) std::atomic<int> sharing_;
  std::atomic<int> running_;

  // Written by the opener before it opens and by the last to finish; read after the joins.
  std::uint64_t start_ns_ = 0;
  std::uint64_t end_ns_ = 0;
  double cpu_start_ = 0;
  double cpu_end_ = 0;
  runtime_counters counted_start_;
  runtime_counters counted_end_;
};

}  // namespace internal

// Runs share(task, count) on where.tasks tasks of where.procs processors, each called some hundred
// times with a part of the task's share, `iterations` operations in all, and measures them. The result
// is still to be proved. Throws what a share threw; std::system_error when the system refuses a task.
template <class Carrier = our_tasks, class Share>
measurement measure_team(const point& where, std::uint64_t iterations, Share share,
                         const service& with = {}) {
  const bool serviced = static_cast<bool>(with.serve);
  internal::start_line line(where, serviced, iterations, [] { Carrier::yield(); });
  std::exception_ptr thrown;

  const auto member = [&](int task) {
    if (!line.start(task)) return;
    const auto leave = [&] {
      if (line.share_done() && serviced) with.no_more();
      line.finished();
    };
    const std::uint64_t count = line.share_of(task);
    const std::uint64_t parts = line.parts_of(task);
    try {
      for (std::uint64_t part = 0; part < parts; ++part) {
        const std::uint64_t now = count / parts + (part < count % parts ? 1 : 0);
        share(task, now);
        if (!line.part_done(task, part, now)) break;
      }
    } catch (const std::exception&) {
      leave();  // the service must not wait for us
      throw;
    }
    leave();
  };

  Carrier::run(where, [&] {
    std::vector<typename Carrier::task> members;
    members.reserve(static_cast<std::size_t>(where.tasks) + 1);
    try {
      if (serviced) {
        members.push_back(Carrier::go([&] {
          with.serve();
          line.finished();
        }));
      }
      for (int i = 0; i < where.tasks; ++i) {
        members.push_back(Carrier::go([&member, i] { member(i); }));
      }
    } catch (const std::exception&) {
      thrown = std::current_exception();
      line.call_off();
      if (serviced) with.no_more();
    }
    for (auto& one : members) {
      try {
        one.join();
      } catch (const std::exception&) {
        // Not everything: what unwinds a task at the end of its run must pass.
        if (!thrown) thrown = std::current_exception();
      }
    }
  });
  if (thrown) std::rethrow_exception(thrown);
  return line.taken();
}

}  // namespace gobench::suites
