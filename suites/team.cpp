#include "suites/team.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "runtime/cpus.hpp"
#include "suites/overlap.hpp"
#include "suites/stopwatch.hpp"

namespace gobench::suites::internal {

namespace {

// A task's share is cut into parts, so that it can stop when time is up and note when it was where. With
// two marks for each window of suites/overlap.hpp a task that progresses shows in each. More parts than
// that end a slow sample sooner; each costs a look at the clock.
constexpr std::uint64_t usual_marks = 2 * overlap_windows;
constexpr std::uint64_t parts_of_a_team = 4096;
constexpr std::uint64_t parts_of_a_task = 512;

// Above this many tasks a task makes fewer marks: 100,000 times 64 of them would be 100 MB.
constexpr int tasks_with_all_marks = 1024;
constexpr std::uint64_t fewer_marks = 4;

std::uint64_t ticks_of(double seconds, const tick_source& source) {
  constexpr std::uint64_t for_ever = std::uint64_t{1} << 62U;
  const double ticks = seconds * 1e9 / source.ns_per_tick;
  return ticks < static_cast<double>(for_ever) ? static_cast<std::uint64_t>(ticks) : for_ever;
}

// How long the opener waits for the tasks to be spread over the CPUs.
constexpr std::uint64_t longest_gate_ns = 3'000'000;

// How long a task computes at the gate before it lets the next one go there. A scheduler wakes another
// worker only for work that is worth it (25 us in ours): tasks that only yield to each other would
// stay on one CPU. Less where many tasks have to come by.
constexpr std::uint64_t longest_slice_ns = 30'000;

}  // namespace

start_line::start_line(const point& where, bool serviced, std::uint64_t iterations, void (*yield)())
    : source_(&ticking()),
      yield_(yield),
      longest_ticks_(ticks_of(where.most_seconds, *source_)),
      tasks_(where.tasks),
      wanted_cpus_(std::min({where.tasks, where.procs, runtime::affinity_cpus()})),
      iterations_(iterations),
      most_parts_(std::clamp(parts_of_a_team / static_cast<std::uint64_t>(where.tasks), usual_marks,
                             parts_of_a_task)),
      most_marks_(where.tasks <= tasks_with_all_marks ? usual_marks : fewer_marks),
      gate_slice_ns_(
          std::min(longest_slice_ns, longest_gate_ns / static_cast<std::uint64_t>(where.tasks))),
      lanes_(static_cast<std::size_t>(where.tasks)),
      sharing_(where.tasks),
      running_(where.tasks + (serviced ? 1 : 0)) {
  for (int task = 0; task < tasks_; ++task) {
    lane& one = lanes_[static_cast<std::size_t>(task)];
    one.parts_per_mark =
        std::max<std::uint64_t>(1, (parts_of(task) + most_marks_ - 1) / most_marks_);
    one.reserve(most_marks_ + 1);
  }
}

std::uint64_t start_line::share_of(int task) const noexcept {
  const auto tasks = static_cast<std::uint64_t>(tasks_);
  return iterations_ / tasks + (static_cast<std::uint64_t>(task) < iterations_ % tasks ? 1 : 0);
}

std::uint64_t start_line::parts_of(int task) const noexcept {
  return std::min(most_parts_, share_of(task));
}

bool start_line::start(int task) {
  seen_at_gate(task);
  // Acquire-release: the last to arrive has seen what the others stored before they arrived.
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == tasks_) {
    open_when_spread(task);
  } else {
    while (state() == gate::closed) {
      spin_a_slice();
      if (state() != gate::closed) break;
      yield_();
      seen_at_gate(task);
    }
  }
  if (state() == gate::called_off) return false;
  lane& mine = lanes_[static_cast<std::size_t>(task)];
  const mark now = now_on(*source_);
  mine.note(now);
  mine.ends = now.ticks + longest_ticks_;
  return true;
}

void start_line::spin_a_slice() const noexcept {
  const std::uint64_t until = steady_ns() + gate_slice_ns_;
  while (state() == gate::closed && steady_ns() < until) runtime::cpu_pause();
}

void start_line::seen_at_gate(int task) noexcept {
  // Relaxed: a hint for the opener, nothing depends on it.
  lanes_[static_cast<std::size_t>(task)].at_gate.store(now_on(*source_).cpu,
                                                       std::memory_order_relaxed);
}

int start_line::cpus_at_gate() const {
  std::array<bool, 4096> seen{};
  int cpus = 0;
  for (const lane& one : lanes_) {
    // Relaxed: see seen_at_gate().
    bool& known = seen[one.at_gate.load(std::memory_order_relaxed) % seen.size()];
    if (!known) ++cpus;
    known = true;
    if (cpus >= wanted_cpus_) break;
  }
  return cpus;
}

void start_line::open_when_spread(int opener) {
  const std::uint64_t deadline = steady_ns() + longest_gate_ns;
  while (cpus_at_gate() < wanted_cpus_ && steady_ns() < deadline) {
    spin_a_slice();
    yield_();
    seen_at_gate(opener);
  }
  counted_start_ = runtime::counters_of_process();
  cpu_start_ = process_cpu_seconds();
  start_ns_ = steady_ns();
  // Release pairs with the acquire in state().
  gate closed = gate::closed;
  state_.compare_exchange_strong(closed, gate::open, std::memory_order_release,
                                 std::memory_order_relaxed);
}

bool start_line::share_done() noexcept {
  // Acquire-release: the last has seen everything that the others did.
  return sharing_.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

void start_line::finished() noexcept {
  if (running_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  end_ns_ = steady_ns();
  cpu_end_ = process_cpu_seconds();
  counted_end_ = runtime::counters_of_process();
}

measurement start_line::taken() const {
  if (end_ns_ == 0) throw std::logic_error("A team was measured that has not finished.");
  measurement made;
  made.seconds = static_cast<double>(end_ns_ - start_ns_) * 1e-9;
  made.cpu_seconds = cpu_end_ - cpu_start_;
  made.counted = counted_end_ - counted_start_;
  for (const lane& one : lanes_) made.operations += one.done;
  if (tasks_ < 2) return made;

  std::vector<std::vector<mark>> marks;
  marks.reserve(lanes_.size());
  std::uint64_t first = ~std::uint64_t{0};
  std::uint64_t last = 0;
  for (const lane& one : lanes_) {
    marks.push_back(one.noted());
    if (marks.back().empty()) continue;
    first = std::min(first, marks.back().front().ticks);
    last = std::max(last, marks.back().back().ticks);
  }
  const overlap found = overlap_of(marks, first, last);
  made.metrics.set(results::metric_parallel, found.parallel);
  made.metrics.set(metric_interleaved, found.interleaved);
  return made;
}

}  // namespace gobench::suites::internal

namespace gobench::suites {
namespace {

backend backend_of(results::vehicle v) {
  switch (v) {
    case results::vehicle::fiber:
      return backend::fiber;
    case results::vehicle::thread:
      return backend::thread;
    case results::vehicle::process:
    case results::vehicle::coroutine:
      break;
  }
  throw std::logic_error("A run is on fibers or on threads only.");
}

}  // namespace

options options_at(const point& where) {
  return {.procs = where.procs,
          .kind = backend_of(where.runs_on),
          .seed = where.seed,
          .hand_off = false};
}

}  // namespace gobench::suites
