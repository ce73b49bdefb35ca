#include "detector/clocks/object_clock.hpp"

#include "detector/clocks/era.hpp"

namespace gobench::detector {

void object_clock::clear() noexcept { forget_below(0); }

void object_clock::forget_below(clock_value floor) noexcept {
  tree_.clear();
  entry_ = 0;
  value_ = 0;
  took_id_ = 0;
  took_value_ = 0;
  floor_ = floor;
}

void object_clock::catch_up() noexcept {
  const clock_value floor = era::floor();
  if (!empty() && floor > floor_) forget_below(floor);
}

void object_clock::assign(const object_clock& other) noexcept {
  tree_.share(other.tree_);
  entry_ = other.entry_;
  value_ = other.value_;
  took_id_ = other.took_id_;
  took_value_ = other.took_value_;
  floor_ = other.floor_;
}

void object_clock::merge(const object_clock& other) noexcept {
  if (other.empty() || other.floor_ < floor_) return;
  if (empty() || other.floor_ > floor_) return assign(other);
  // Of one era from here on.
  if (other.entry_ == 0 || covers(other)) return;
  if (entry_ == 0 || other.covers(*this)) return assign(other);
  if (node_pool::is_pressed()) return forget_below(era::raise(floor_));
  tree_.raise(entry_id(), value_);
  tree_.join(other.tree_);
  entry_ = other.entry_id() | merged_bit;
  value_ = other.value_;
  took_id_ = 0;
}

}  // namespace gobench::detector
