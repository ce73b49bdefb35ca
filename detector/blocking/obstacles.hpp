// Who has to act before a wait can end, where that is certain: the edges of the wait-for graph.
//
// An obstacle is necessary: the wait does not end before that task has done something, whatever others do. So a cycle of
// obstacles is a deadlock, and nothing has to be known of the waits that have none (conditions, channels, ...).
#pragma once

#include "detector/blocking/wait_record.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector::blocking {

struct obstacle {
  task_state* who = nullptr;
  std::uint32_t number = 0;  // of the task
  // Which hold of the lock it is: as long as an obstacle has the same one, it was there all the time.
  std::uint32_t stamp = 0;
  bool has_ended = false;     // nobody will unlock it
  bool is_own_write = false;  // the waiter itself holds the lock, exclusively
};

struct obstacle_list {
  static constexpr unsigned most = 6;
  obstacle all[most];
  unsigned count = 0;
  void add(const obstacle& one) noexcept {
    if (count != most) all[count++] = one;
  }
  bool has(const obstacle& one) const noexcept {
    for (unsigned i = 0; i != count; ++i)
      if (all[i].who == one.who && all[i].number == one.number && all[i].stamp == one.stamp)
        return true;
    return false;
  }
};

// None for a wait with a deadline.
obstacle_list obstacles_of(const task_state& waiter, const wait_seen& wait) noexcept;

// A path from the task over the first obstacles to itself, or to one that has ended. Each step is one that waits.
struct wait_path {
  static constexpr unsigned most = 32;
  struct step {
    task_state* who = nullptr;
    wait_seen wait;
    obstacle next;
  };
  step all[most];
  unsigned count = 0;
};
bool find_cycle(task_state& from, wait_path& path) noexcept;
// All of its steps were there at once. Certain if true.
bool holds_together(const wait_path& path) noexcept;

// Waits, by way of certain obstacles, for one that is part of a deadlock.
bool is_stuck(const task_state& task) noexcept;

}  // namespace gobench::detector::blocking
