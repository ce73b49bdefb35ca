// All schedules of a program, one by one, by what their logs say: the strategy dfs:B.
//
// Invariants
// - A schedule is told by where it deviates from the default rule (deviation.hpp). Every item of work is a schedule that
//   deviates from an earlier one, its parent, for the first time at one step; before that step both are equal.
// - What an item's schedule leads to depends on the item alone: the order in which items are done, and how many at
//   a time, changes nothing about which there are.
// - Items lie in levels by their preemptions, and the lowest level is done first (Musuvathi, Qadeer: Iterative context
//   bounding for systematic testing of multithreaded programs, PLDI 2007): most bugs need few.
//
// Sleep sets (Godefroid: Partial-order methods for the verification of concurrent systems, 1996) leave out schedules that
// only order independent operations in another way: what could have been done at a step and was tried first there
// need not be tried again until something that depends on it was done. Under a bound that is not right in general, since the equivalent
// schedule may have more preemptions (Coons, Musuvathi, McKinley: Bounded partial-order reduction, OOPSLA 2013).
// It is right where what sleeps is the thread that was preempted: had it done its operation first, the same schedule
// would preempt it one operation later, or not at all. So with a bound only preempted threads sleep; without one, all that
// were tried.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "detector/exploration/schedule_log.hpp"

namespace gobench::detector::exploration {

struct search_item {
  std::vector<deviation> deviations;
  std::vector<explore::event> asleep;  // from the last deviation on, before it is done
  std::size_t preemptions = 0;         // up to and with the last deviation
  bool first = false;                  // the schedule without deviations
};

struct search_options {
  std::optional<std::size_t> bound;  // most preemptions; nothing: any number
  bool sleep_sets = true;
  std::size_t shard = 0;  // of `shards`; each has other children of the first schedule
  std::size_t shards = 1;
  std::size_t most_waiting =
      200'000;  // items; further ones are dropped, and the search is not complete
};

class bounded_search {
 public:
  explicit bounded_search(const search_options& how);

  // Items to be done, in any order and at the same time; empty when there is nothing left. All of them have to be
  // handed back with done(), in this order, before the next call.
  std::vector<search_item> take();
  void done(const search_item& item, const schedule_log& log);

  // Whether every schedule within the bound was done (of this shard), or is equivalent to one that was.
  bool complete() const { return waiting_ == 0 && taken_ == 0 && !left_out_; }
  // Schedules that turned out to repeat, in another order of independent operations, what had been done.
  std::size_t redundant() const { return redundant_; }

 private:
  void branch(const search_item& item, const schedule_log& log);
  void add(search_item made);

  search_options how_;
  std::vector<std::deque<search_item>> levels_;
  std::size_t waiting_ = 0;
  std::size_t taken_ = 0;
  std::size_t redundant_ = 0;
  std::size_t children_of_first_ = 0;
  bool left_out_ = false;
};

}  // namespace gobench::detector::exploration
