// What the suite pipeline does: numbers that go through tasks, each of which adds 1 (suites/pipeline.cpp).
//
// Shapes, with n = where.tasks tasks between the first and the last:
//   chain        source -> 1 -> 2 -> ... -> n -> sink, each stage on links of its own
//   fan-out      source -> n tasks that add up what they get; they share one link
//   fan-in       n tasks -> sink, over one link
//   fan-out-in   source -> n tasks -> sink: two links
//
// A link has send(number), recv() with a value or nothing once it is closed and empty, and close().
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "suites/busy.hpp"
#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

enum class line_shape : std::uint8_t { chain, fan_out, fan_in, fan_out_in };

inline std::string to_string(line_shape shape) {
  switch (shape) {
    case line_shape::chain:
      return "chain";
    case line_shape::fan_out:
      return "fan-out";
    case line_shape::fan_in:
      return "fan-in";
    case line_shape::fan_out_in:
      return "fan-out-in";
  }
  return {};
}

// What all shapes prove. The source, or the n tasks together, send n numbers; each is worth what it was sent as
// and 1 for every stage that it went through.
inline std::uint64_t all_in_line(line_shape shape, const point& where, std::uint64_t operations) {
  const std::uint64_t sent = operations * (operations + 1) / 2;
  const auto stages = static_cast<std::uint64_t>(where.tasks);
  switch (shape) {
    case line_shape::chain:
      return sent + operations * stages;
    case line_shape::fan_out:
      return sent + operations;
    case line_shape::fan_in:
      return sum_of_shares(operations, where.tasks);
    case line_shape::fan_out_in:
      return sent + operations;
  }
  return 0;
}

// How many tasks take part, the first and the last among them.
inline int members_of(line_shape shape, int tasks) {
  switch (shape) {
    case line_shape::chain:
      return tasks + 2;
    case line_shape::fan_out:
      return tasks + 1;
    case line_shape::fan_in:
      return tasks + 1;
    case line_shape::fan_out_in:
      return tasks + 2;
  }
  return 0;
}

inline std::size_t links_of(line_shape shape, int tasks) {
  switch (shape) {
    case line_shape::chain:
      return static_cast<std::size_t>(tasks) + 1;
    case line_shape::fan_out:
      return 1;
    case line_shape::fan_in:
      return 1;
    case line_shape::fan_out_in:
      return 2;
  }
  return 0;
}

// What one task does in the line: where it gets numbers from, and where it sends them.
struct line_role {
  static constexpr std::size_t none = ~std::size_t{0};
  std::size_t in = none;   // none: it sends 1, 2, ... up to `share`
  std::size_t out = none;  // none: it adds up what it gets
  std::uint64_t share = 0;
  bool works = false;  // a stage: adds 1 to what it gets
};

// Tasks 0 to n-1 are the stages, or the senders; the first and the last come after them.
inline line_role role_in(line_shape shape, const point& where, std::uint64_t operations, int task) {
  const auto at = static_cast<std::size_t>(task);
  const int stages = where.tasks;
  const bool stage = task < stages;
  const bool first = task == stages;
  switch (shape) {
    case line_shape::chain: {
      const auto last = static_cast<std::size_t>(stages);
      if (stage) return {.in = at, .out = at + 1, .works = true};
      if (first) return {.out = 0, .share = operations};
      return {.in = last};
    }
    case line_shape::fan_out:
      if (stage) return {.in = 0, .works = true};
      return {.out = 0, .share = operations};
    case line_shape::fan_in:
      if (stage) return {.out = 0, .share = share_of(operations, task, stages)};
      return {.in = 0};
    case line_shape::fan_out_in:
      if (stage) return {.in = 0, .out = 1, .works = true};
      if (first) return {.out = 0, .share = operations};
      return {.in = 1};
  }
  return {};
}

// The links of a line, how many still send on each, and what has come out at the end.
template <class Link>
class line {
 public:
  // make() makes a link, wrapped in std::unique_ptr.
  template <class Make>
  line(line_shape shape, const point& where, std::uint64_t operations, Make make)
      : shape_(shape),
        where_(&where),
        operations_(operations),
        work_(where.number("work_ns")),
        sending_(links_of(shape, where.tasks)) {
    for (std::size_t i = 0; i < sending_.size(); ++i) links_.push_back(make());
    for (int task = 0; task < members(); ++task) {
      const std::size_t out = role(task).out;
      if (out != line_role::none) ++sending_[out];
    }
  }

  int members() const { return members_of(shape_, where_->tasks); }
  line_role role(int task) const { return role_in(shape_, *where_, operations_, task); }
  Link& link(std::size_t at) { return *links_[at]; }
  void work() const noexcept { work_(); }

  // A task sends no more on this link: the last one closes it.
  void sent(std::size_t on) {
    if (--sending_[on] == 0) links_[on]->close();
  }
  void got(std::uint64_t sum, std::uint64_t count) {
    sum_ += sum;
    count_ += count;
  }
  proof proved() const {
    return proof::equal("the number of numbers received", count_, operations_) &&
           proof::equal("the sum at the end", sum_, all_in_line(shape_, *where_, operations_));
  }

  // The whole of a task's work, for tasks that can wait in a call.
  void serve(int task) {
    const line_role mine = role(task);
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
    if (mine.in == line_role::none) {
      for (std::uint64_t i = 1; i <= mine.share; ++i) link(mine.out).send(i);
    } else {
      while (const auto number = link(mine.in).recv()) {
        std::uint64_t value = *number;
        if (mine.works) {
          work();
          ++value;
        }
        if (mine.out != line_role::none) {
          link(mine.out).send(value);
        } else {
          sum += value;
          ++count;
        }
      }
    }
    if (mine.out != line_role::none) sent(mine.out);
    got(sum, count);
  }

 private:
  const line_shape shape_;
  const point* where_;
  const std::uint64_t operations_;
  const busy_work work_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::atomic<int>> sending_;
  std::atomic<std::uint64_t> sum_{0};
  std::atomic<std::uint64_t> count_{0};
};

// Measures the shape over links that make() makes.
template <class Carrier = our_tasks, class Make>
measurement measure_line(line_shape shape, const point& where, std::uint64_t iterations,
                         Make make) {
  using link = typename decltype(make())::element_type;
  line<link> made(shape, where, iterations, make);
  auto taken = measure_crowd<Carrier>(where, made.members(), iterations,
                                      [&](int task) { made.serve(task); });
  taken.result = made.proved();
  return taken;
}

}  // namespace gobench::suites
