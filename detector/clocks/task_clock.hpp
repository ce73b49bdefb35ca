// The clock of a task: its own value, and what it knows of all others (its happens-before past), exactly.
//
// Vector clocks as in FastTrack, stored as persistent trees (clock_tree.hpp), so that a release costs no copy
// whatever the number of tasks, and 100 000 tasks that meet few others need little memory. Before an acquire walks a
// tree it tries three short cuts, in this order:
// A  the task knows the entry of the object's last releaser, and with it all of the object: nothing to do.
// B  the object knows of this task the value that it had when it last learned something; or the task has taken a
//    snapshot (u, k) over and the object knows that one. Then the object knows all that the task knows: the task takes
//    its tree, and adds the releaser's entry.
// C  the task knows the snapshot (u, k) that the releaser has taken over by B and released unchanged: only the
//    releaser's own entry is new.
//
// Invariants
// - What is published with one value is always the same: after release(), release_merge(), or when another has
//   acquired from it while it stood still, the task calls advance() before it acquires or accesses anything.
//   (Releases in a row may share a value.) Something learned in between would make A and B wrong.
// - A task id lives again only with a start above all values of its former lives, and in a task whose clock covers
//   them (covers()); the engine sees to that.
// - The tree's own entry for this task may be behind; now() counts.
//
// It is used by its task only, or by whoever holds the task still. It has no constructor and destructor work: zeroed
// memory is a task that knows nothing, and reset() gives all nodes back.
#pragma once

#include "detector/clocks/clock_tree.hpp"
#include "detector/clocks/object_clock.hpp"

namespace gobench::detector {

class task_clock {
 public:
  constexpr task_clock() = default;

  // The task begins, or begins again, with this id (1 to max_task_id) and at least this value; what it knows it keeps.
  void begin(task_id self, clock_value start) noexcept;
  // Knows nothing and is nobody; all nodes are given back.
  void reset() noexcept;

  task_id self() const noexcept { return self_; }
  // May jump ahead in any call below that is not const: when precision is reduced (era.hpp). Who keeps a copy
  // compares it after each.
  clock_value now() const noexcept { return now_; }
  clock_value known(task_id id) const noexcept {
    if (id == self_) return now_;
    const clock_value value = tree_.get(id);
    return value > floor_ ? value : floor_;
  }
  bool covers(const task_clock& other) const noexcept { return known(other.self_) >= other.now_; }
  // Has used up all values: it should get another id, or races with it are missed.
  bool exhausted() const noexcept { return now_ == max_clock_value; }

  void advance() noexcept {
    if (now_ >= ceiling_) [[unlikely]]
      settle(after(now_));
    else
      ++now_;
  }

  // Learns what was published in the object; true if the clock changed.
  bool acquire(const object_clock& object) noexcept {
    if (object.floor_ == floor_ && object.exact()) {
      const task_id id = object.entry_id();
      if (id == self_ || tree_.get(id) >= object.value_) return false;
    }
    return learn(object);
  }
  // Learns what a task knows that has ended, or stands still and advances before it goes on; so a task that is
  // spawned acquires from its creator.
  bool acquire(const task_clock& other) noexcept;
  // Publishes what the task knows, instead of what the object carries or in addition. advance() must follow.
  void release(object_clock& object) const noexcept { publish(object); }
  void release_merge(object_clock& object) noexcept;

  // Gives its nodes back if precision was reduced since it was last used: for tasks that stand still, such as parked
  // ones, while whoever calls this sees to it that they do.
  void catch_up() noexcept;

 private:
  // Goes over to a later era: everything up to `floor` is known, so no node is needed.
  void meet(clock_value floor) noexcept;
  void forget_below(clock_value floor) noexcept;
  // Sets its own value to this one or, after a raise of the floor, a later one, and gets leave to use more.
  void settle(clock_value value) noexcept;
  static clock_value after(clock_value value) noexcept {
    return value == max_clock_value ? max_clock_value : value + 1;
  }
  // The object knows all that this task's tree knows.
  bool is_within(const object_clock& object) const noexcept {
    if (object.known(self_) >= learned_at_ && learned_at_ != max_clock_value) return true;
    return took_id_ != 0 && took_value_ != max_clock_value && object.known(took_id_) >= took_value_;
  }
  // For C.
  bool knows_what_was_taken(const object_clock& object) const noexcept {
    return object.took_id_ != 0 && object.took_value_ != max_clock_value &&
           known(object.took_id_) >= object.took_value_;
  }
  bool learn(const object_clock& object) noexcept;
  void publish(object_clock& object) const noexcept {
    object.tree_.share(tree_);
    object.entry_ = self_;
    object.value_ = now_;
    object.took_id_ = took_id_;
    object.took_value_ = took_value_;
    object.floor_ = floor_;
  }

  clock_tree tree_;
  task_id self_ = 0;
  clock_value now_ = 0;
  clock_value ceiling_ = 0;     // values up to here may be used without asking (era.hpp)
  clock_value floor_ = 0;       // everything up to here is known of everybody
  clock_value learned_at_ = 0;  // now_ when the tree last changed
  task_id took_id_ =
      0;  // not 0: the tree is what this task published at took_value_, with that entry
  clock_value took_value_ = 0;
};

static_assert(sizeof(task_clock) == 36);

}  // namespace gobench::detector
