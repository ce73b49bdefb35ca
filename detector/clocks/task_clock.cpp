#include "detector/clocks/task_clock.hpp"

#include "detector/clocks/era.hpp"

#include <algorithm>

namespace gobench::detector {

void task_clock::forget_below(clock_value floor) noexcept {
  tree_.clear();
  floor_ = floor;
  learned_at_ = 0;
  took_id_ = 0;
}

void task_clock::settle(clock_value value) noexcept {
  for (;;) {
    const era::portion got = era::reserve(floor_, value);
    if (got.floor == floor_) {
      ceiling_ = got.ceiling;
      now_ = value;
      return;
    }
    // The floor was raised since this task looked: what it has used so far lies below it.
    forget_below(got.floor);
    value = std::max(value, after(floor_));
  }
}

void task_clock::meet(clock_value floor) noexcept {
  forget_below(floor);
  if (self_ != 0) settle(std::max(now_, after(floor)));
}

void task_clock::catch_up() noexcept {
  const clock_value floor = era::floor();
  if (floor > floor_) meet(floor);
}

void task_clock::begin(task_id self, clock_value start) noexcept {
  if (self_ != 0 && self_ != self) {
    // What it did under its former id stays known to it.
    if (node_pool::is_pressed()) {
      meet(era::raise(floor_));
    } else {
      tree_.raise(self_, now_);
      took_id_ = 0;
    }
    now_ = 0;
  }
  self_ = self;
  settle(std::max({now_, start, after(floor_)}));
  learned_at_ = tree_.empty() ? 0 : now_;
}

void task_clock::reset() noexcept {
  forget_below(0);
  self_ = 0;
  now_ = 0;
  ceiling_ = 0;
}

bool task_clock::learn(const object_clock& object) noexcept {
  if (object.floor_ < floor_) return false;
  const bool met = object.floor_ > floor_;
  if (met) meet(object.floor_);
  // Another raise may have been met on the way.
  if (object.entry_ == 0 || object.floor_ < floor_ || floor_ == max_clock_value) return met;
  if (node_pool::is_pressed()) {
    meet(era::raise(floor_));
    return true;
  }
  const task_id id = object.entry_id();
  const bool exact = object.exact();
  const bool takes_over = is_within(object);
  bool changed = false;
  if (takes_over && id != self_) {  // B
    changed = tree_.take_over(object.tree_, id, object.value_);
  } else if (takes_over) {
    changed = !tree_.shares_root(object.tree_);
    tree_.share(object.tree_);
  } else {
    if (!exact || !knows_what_was_taken(object)) changed = tree_.join(object.tree_);  // not C
    if (id != self_ && tree_.raise(id, object.value_)) changed = true;
  }
  if (!changed) return met;
  learned_at_ = now_;
  took_id_ = takes_over && exact ? id : 0;
  took_value_ = object.value_;
  return true;
}

bool task_clock::acquire(const task_clock& other) noexcept {
  if (other.self_ == 0 || other.self_ == self_) return false;
  object_clock published;
  other.publish(published);
  const bool changed = acquire(published);
  published.clear();
  return changed;
}

void task_clock::release_merge(object_clock& object) noexcept {
  if (object.floor_ > floor_) meet(object.floor_);
  if (object.entry_ == 0 || object.floor_ < floor_ ||
      (object.exact() && known(object.entry_id()) >= object.value_))
    return publish(object);
  const bool has_it_all = is_within(object);
  if (!has_it_all || object.entry_id() != self_) {
    if (node_pool::is_pressed()) {
      meet(era::raise(floor_));
      return publish(object);  // all that it carried lies below the new floor
    }
    object.tree_.raise(object.entry_id(), object.value_);
    if (!has_it_all) object.tree_.join(tree_);
  }
  object.entry_ = self_ | object_clock::merged_bit;
  object.value_ = now_;
  object.took_id_ = 0;
}

}  // namespace gobench::detector
