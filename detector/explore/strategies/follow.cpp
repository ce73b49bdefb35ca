// Deviations from the default rule, and the default rule between them and to the end.
//
// The file has a line for each: THREAD COUNT NTH CHOICE. It is done right after the COUNT-th step of THREAD. With NTH
// 0, CHOICE is the thread that goes on (65535: the clock); else it is the value of the NTH choice of a value in that
// step. Before the first step of all, THREAD and COUNT are 0. A place in a schedule is told by a thread's own steps, not by the
// number of all steps, so that a deviation keeps its meaning when one of another thread is left out. One that cannot be done is
// passed over: whoever shrinks a schedule leaves out what others depended on.
//
// A line of a single number is a thread that sleeps from the last deviation on: it passes until somebody has done what
// conflicts with its next operation, unless nobody else can run (Godefroid: Partial-order methods for the
// verification of concurrent systems, 1996, chapter 5; who searches all schedules has done that operation first elsewhere).
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "detector/explore/dependence.hpp"
#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

struct deviation {
  std::uint64_t thread;
  std::uint64_t count;
  std::uint64_t nth;
  std::uint64_t choice;
};

struct instructions {
  std::vector<deviation> deviations;
  std::vector<std::uint32_t> asleep;
};

bool take_line(const std::vector<std::uint64_t>& numbers, instructions& into) {
  if (numbers.size() == 4) {
    into.deviations.push_back({numbers[0], numbers[1], numbers[2], numbers[3]});
  } else if (numbers.size() == 1) {
    into.asleep.push_back(static_cast<std::uint32_t>(numbers[0]));
  } else {
    return numbers.empty();
  }
  return true;
}

// False where the file cannot be read or has something else in it.
bool read_instructions(const char* path, instructions& into) {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::vector<char> text;
  char piece[4096];
  long got = 0;
  while ((got = syscall(SYS_read, fd, piece, sizeof piece)) > 0)
    text.insert(text.end(), piece, piece + got);
  syscall(SYS_close, fd);
  if (got < 0) return false;
  std::vector<std::uint64_t> numbers;
  bool inside = false;
  for (const char c : text) {
    if (c >= '0' && c <= '9') {
      if (!inside) numbers.push_back(0);
      inside = true;
      numbers.back() = numbers.back() * 10 + static_cast<std::uint64_t>(c - '0');
    } else if (c == ' ') {
      inside = false;
    } else if (c == '\n') {
      inside = false;
      if (!take_line(numbers, into)) return false;
      numbers.clear();
    } else {
      return false;
    }
  }
  return take_line(numbers, into);
}

class follow final : public strategy {
 public:
  explicit follow(instructions what)
      : left_(std::move(what.deviations)), asleep_(std::move(what.asleep)) {}

  std::size_t pick(const situation& now) override {
    std::size_t chosen = now.enabled.size();
    if (const std::uint64_t* wanted = take(0); wanted != nullptr) {
      for (std::size_t i = 0; i != now.enabled.size(); ++i)
        if (now.enabled[i].thread == *wanted) chosen = i;
    }
    if (chosen == now.enabled.size())
      chosen = left_.empty() ? awake_choice(now) : default_choice(now);
    const candidate& one = now.enabled[chosen];
    // Those that sleep were put to sleep before the last deviation was done.
    if (left_.empty()) wake(now, one);
    last_ = one.thread;
    ++count_of(last_);
    values_ = 0;
    return chosen;
  }

  std::size_t choose(std::uint64_t, std::size_t count, operation) override {
    ++values_;
    const std::uint64_t* wanted = take(values_);
    return wanted != nullptr && *wanted < count ? *wanted : 0;
  }

 private:
  // What is wanted at this place, once; null: the default.
  const std::uint64_t* take(std::uint64_t nth) {
    for (std::size_t i = 0; i != left_.size(); ++i) {
      const deviation& one = left_[i];
      if (one.thread != last_ || one.nth != nth || one.count != count_of(last_)) continue;
      taken_ = one.choice;
      left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(i));
      return &taken_;
    }
    return nullptr;
  }

  bool is_asleep(std::uint32_t thread) const {
    return std::find(asleep_.begin(), asleep_.end(), thread) != asleep_.end();
  }

  // The default among those that are awake, if there are any.
  std::size_t awake_choice(const situation& now) {
    if (asleep_.empty()) return default_choice(now);
    std::vector<candidate> awake;
    for (const candidate& one : now.enabled)
      if (!is_asleep(one.thread)) awake.push_back(one);
    if (awake.empty()) return default_choice(now);
    situation less = now;
    less.enabled = awake;
    less.current_enabled = now.current_enabled && !is_asleep(now.current);
    const std::uint32_t thread = awake[default_choice(less)].thread;
    for (std::size_t i = 0; i != now.enabled.size(); ++i)
      if (now.enabled[i].thread == thread) return i;
    return default_choice(now);
  }

  void wake(const situation& now, const candidate& done) {
    if (asleep_.empty()) return;
    for (const candidate& one : now.enabled) {
      if (!is_asleep(one.thread)) continue;
      if (one.thread == done.thread ||
          !independent({one.next, one.object, one.thread}, {done.next, done.object, done.thread}))
        std::erase(asleep_, one.thread);
    }
  }

  std::uint64_t& count_of(std::uint32_t thread) {
    if (thread == clock_thread) return count_of_clock_;
    while (counts_.size() <= thread) counts_.push_back(0);
    return counts_[thread];
  }

  std::vector<deviation> left_;
  std::vector<std::uint32_t> asleep_;
  std::vector<std::uint64_t> counts_;  // steps that each thread has taken
  std::uint64_t count_of_clock_ = 0;
  std::uint32_t last_ = 0;    // who took the latest one
  std::uint64_t values_ = 0;  // choices of values in it
  std::uint64_t taken_ = 0;
};

}  // namespace

std::unique_ptr<strategy> make_follow(const settings& wanted, std::string_view argument) {
  instructions what;
  if (!argument.empty() || (wanted.follow[0] != 0 && !read_instructions(wanted.follow, what)))
    return nullptr;
  return std::make_unique<follow>(std::move(what));
}

}  // namespace gobench::detector::explore
