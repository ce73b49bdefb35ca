// Task clocks and object clocks next to plain vector clocks of the same program: the reference holds a value for
// every task, and every operation is done on both.
#pragma once

#include "detector/clocks/node_pool.hpp"
#include "detector/clocks/object_clock.hpp"
#include "detector/clocks/task_clock.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gobench::detector::testing {

class random_numbers {
 public:
  explicit random_numbers(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15U + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ * 0x2545f4914f6cdd1dU;
  }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>((next() >> 20) % n); }

 private:
  std::uint64_t state_;
};

// Tasks and objects are numbered from 0; a task's id is ids[number]. `exact` asks for equal clocks; otherwise the
// clocks may claim to know more, but never less.
class lockstep {
 public:
  lockstep(std::vector<task_id> ids, std::size_t objects, bool exact = true)
      : ids_(std::move(ids)), exact_(exact), tasks_(ids_.size()), objects_(objects) {
    for (auto& one : tasks_) one.dense.assign(ids_.size(), 0);
    for (auto& one : objects_) one.dense.assign(ids_.size(), 0);
  }
  lockstep(const lockstep&) = delete;
  lockstep& operator=(const lockstep&) = delete;
  ~lockstep() {
    for (auto& one : tasks_) one.real.reset();
    for (auto& one : objects_) one.real.clear();
  }

  std::size_t tasks() const { return tasks_.size(); }
  std::size_t objects() const { return objects_.size(); }
  const task_clock& real(std::size_t t) const { return tasks_[t].real; }
  bool runs(std::size_t t) const { return tasks_[t].runs; }

  // A task begins that nobody has created.
  void begin(std::size_t t) { start(t, 1); }

  // A creator spawns a task, which may have lived before: then the creator has to know all of that.
  bool may_spawn(std::size_t creator, std::size_t t) const {
    return !tasks_[t].runs && tasks_[creator].dense[t] >= tasks_[t].dense[t] &&
           tasks_[creator].real.known(ids_[t]) >= tasks_[t].last;
  }
  void spawn(std::size_t creator, std::size_t t) {
    start(t, tasks_[t].last + 1);
    tasks_[t].real.acquire(tasks_[creator].real);
    join(tasks_[t].dense, tasks_[creator].dense);
    advance(creator);
    check(t);
  }
  void end(std::size_t t) {
    tasks_[t].runs = false;
    tasks_[t].last = tasks_[t].real.now();
  }
  // Joins a task that has ended, and that keeps its clock until it lives again.
  void join_with(std::size_t t, std::size_t ended) {
    tasks_[t].real.acquire(tasks_[ended].real);
    join(tasks_[t].dense, tasks_[ended].dense);
    check(t);
  }

  void acquire(std::size_t t, std::size_t o) {
    bool news = false;
    for (std::size_t i = 0; i != ids_.size(); ++i)
      news = news || objects_[o].dense[i] > tasks_[t].dense[i];
    const bool changed = tasks_[t].real.acquire(objects_[o].real);
    if (news && exact_) {
      EXPECT_TRUE(changed) << "task " << t << " learned something";
    }
    join(tasks_[t].dense, objects_[o].dense);
    check(t);
  }
  void release(std::size_t t, std::size_t o) {
    tasks_[t].real.release(objects_[o].real);
    see_now(t);
    objects_[o].dense = tasks_[t].dense;
    check_object(o);
    advance(t);
  }
  void release_merge(std::size_t t, std::size_t o) {
    tasks_[t].real.release_merge(objects_[o].real);
    see_now(t);
    join(objects_[o].dense, tasks_[t].dense);
    check_object(o);
    advance(t);
  }
  void lock(std::size_t t, std::size_t o) {
    acquire(t, o);
    release(t, o);
  }
  void clear(std::size_t o) {
    objects_[o].real.clear();
    std::fill(objects_[o].dense.begin(), objects_[o].dense.end(), 0);
    EXPECT_TRUE(objects_[o].real.empty());
  }
  void assign(std::size_t to, std::size_t from) {
    objects_[to].real.assign(objects_[from].real);
    objects_[to].dense = objects_[from].dense;
    check_object(to);
  }
  void merge(std::size_t to, std::size_t from) {
    objects_[to].real.merge(objects_[from].real);
    join(objects_[to].dense, objects_[from].dense);
    check_object(to);
  }

  void catch_up(std::size_t t, std::size_t o) {
    tasks_[t].real.catch_up();
    objects_[o].real.catch_up();
    check(t);
    check_object(o);
  }

  void check_all() {
    for (std::size_t t = 0; t != tasks_.size(); ++t) check(t);
    for (std::size_t o = 0; o != objects_.size(); ++o) check_object(o);
  }

 private:
  using values = std::vector<clock_value>;
  struct task {
    task_clock real;
    values dense;
    clock_value last = 0;
    bool runs = false;
  };
  struct object {
    object_clock real;
    values dense;
  };

  static void join(values& into, const values& from) {
    for (std::size_t i = 0; i != into.size(); ++i) into[i] = std::max(into[i], from[i]);
  }
  void start(std::size_t t, clock_value at) {
    ASSERT_FALSE(tasks_[t].runs);
    tasks_[t].real.reset();
    std::fill(tasks_[t].dense.begin(), tasks_[t].dense.end(), 0);
    tasks_[t].real.begin(ids_[t], at);
    tasks_[t].runs = true;
    if (exact_) {
      EXPECT_EQ(tasks_[t].real.now(), at);
    }
    see_now(t);
  }
  void advance(std::size_t t) {
    const clock_value before = tasks_[t].real.now();
    tasks_[t].real.advance();
    EXPECT_GT(tasks_[t].real.now(), before);
    if (exact_) {
      EXPECT_EQ(tasks_[t].real.now(), before + 1);
    }
    see_now(t);
  }
  // A task knows itself. Its value may have jumped where precision was reduced.
  void see_now(std::size_t t) {
    EXPECT_GE(tasks_[t].real.now(), tasks_[t].dense[t]);
    tasks_[t].dense[t] = tasks_[t].real.now();
  }
  void check(std::size_t t) {
    see_now(t);
    compare(tasks_[t].real, tasks_[t].dense, "task", t);
  }
  void check_object(std::size_t o) { compare(objects_[o].real, objects_[o].dense, "object", o); }
  template <typename Clock>
  void compare(const Clock& real, const values& dense, const char* what, std::size_t number) {
    if (failures_ > 5) return;
    for (std::size_t i = 0; i != ids_.size(); ++i) {
      const clock_value known = real.known(ids_[i]);
      if (exact_ ? known == dense[i] : known >= dense[i]) continue;
      ++failures_;
      ADD_FAILURE() << what << ' ' << number << " knows " << known << " of task " << i << " (id "
                    << ids_[i] << "), the reference " << dense[i];
      return;
    }
  }

  std::vector<task_id> ids_;
  bool exact_;
  int failures_ = 0;
  std::vector<task> tasks_;
  std::vector<object> objects_;
};

// n different ids: 1, 2, 3, ... or strewn below 2^20.
inline std::vector<task_id> dense_ids(std::size_t n) {
  std::vector<task_id> ids(n);
  for (std::size_t i = 0; i != n; ++i) ids[i] = static_cast<task_id>(i + 1);
  return ids;
}
inline std::vector<task_id> sparse_ids(std::size_t n, random_numbers& random) {
  std::vector<task_id> ids;
  while (ids.size() != n) {
    const auto id = static_cast<task_id>(1 + random.below((1U << 20) - 1));
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

}  // namespace gobench::detector::testing
