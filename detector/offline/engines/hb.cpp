// Engine hb: races by happens-before, exact for racy events and racy variables.
//
// Model (the reference in tests/detector/offline is this and nothing more). Each task has a vector clock C;
// each object has one, L. acquire: C joins L. release: L = C, then the task's own entry of C goes up by one. fork:
// the child's C joins the parent's, then the parent's own entry goes up. join: C joins the child's. Each variable has a
// vector R of last reads and W of last writes. A read is racy unless W <= C, a write unless W <= C and R <= C.
//
// Here, what differs and why the result is the same:
//   - W and R are an epoch as long as that says as much (access_set.hpp). A write that knows all earlier accesses
//     stands for them: a later access that does not know one of them does not know this write either. Accesses
//     that race are kept beside each other.
//   - An acquire of what the task knows already is left out: it knows the epoch at which the last release was made, and
//     with it all that the releaser knew. Only where a release replaced what was published.
//   - A task that was joined leaves its slot to a later one whose parent knows its end. All of the
//     first is ordered before all of the second, so they count as one.
//   - A clock that is at its end goes on in a new slot.
//
// Atomic accesses, in recordings only: they do not race with each other. A plain write stands for all
// earlier accesses it knows; other kinds only for those of their own kind.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "detector/offline/engine.hpp"
#include "detector/offline/engines/access_set.hpp"
#include "detector/offline/engines/memory_map.hpp"
#include "detector/offline/engines/vector_clock.hpp"

namespace gobench::detector::offline {

namespace {

constexpr std::uint32_t no_race = 0xffff'ffff;

struct task_clock {
  vector_clock clock;
  epoch now = 0;  // 0: has not been seen yet
};

struct object_clock {
  vector_clock published;
  epoch last_release = 0;  // 0: what is published came in another way than by one release
};

struct atomic_accesses {
  access_set writes;
  access_set reads;
};

struct variable {
  access_set writes;
  access_set reads;
  std::unique_ptr<atomic_accesses> atomics;
  std::uint32_t race = no_race;  // index into verdict::races

  variable() = default;
  variable(variable&&) = default;
  variable& operator=(variable&&) = default;
  variable(const variable& other)
      : writes(other.writes),
        reads(other.reads),
        atomics(other.atomics ? std::make_unique<atomic_accesses>(*other.atomics) : nullptr),
        race(other.race) {}
  variable& operator=(const variable&) = delete;
  ~variable() = default;
};

class hb final : public engine {
 public:
  explicit hb(trace_source& trace) : trace_(trace) {}

  void consume(std::span<const event> events) override {
    for (std::size_t i = 0; i < events.size(); ++i) {
      // Variables lie far apart and their numbers are known ahead.
      if (i + ahead < events.size()) {
        const event& later = events[i + ahead];
        if (is_access(later.kind) && later.target < variables_.size()) {
          __builtin_prefetch(&variables_[later.target]);
        }
      }
      take(events[i]);
    }
  }

  verdict finish() override {
    found_.variables = variables_.size() + memory_.count();
    return std::move(found_);
  }

 private:
  static constexpr std::size_t ahead = 6;

  void take(const event& e) {
    task_clock& task = task_of(e.task);
    switch (e.kind) {
      case event_kind::read:
      case event_kind::write:
      case event_kind::atomic_read:
      case event_kind::atomic_write:
      case event_kind::memory_freed:
        access(e, task);
        break;
      case event_kind::acquire:
        acquire(task, object_of(e.target));
        break;
      case event_kind::release: {
        object_clock& object = object_of(e.target);
        object.published = task.clock;
        object.last_release = task.now;
        advance(task);
        break;
      }
      case event_kind::release_merge: {
        object_clock& object = object_of(e.target);
        object.published.join(task.clock);
        object.last_release = 0;
        advance(task);
        break;
      }
      case event_kind::transfer: {
        object_of(std::max(e.target, e.extra));
        object_of(e.extra) = object_of(e.target);
        break;
      }
      case event_kind::transfer_merge: {
        object_of(std::max(e.target, e.extra));
        object_of(e.extra).published.join(object_of(e.target).published);
        object_of(e.extra).last_release = 0;
        break;
      }
      case event_kind::forget_object:
        object_of(e.target) = {};
        break;
      case event_kind::fork:
        fork(e.task, static_cast<std::uint32_t>(e.target));
        break;
      case event_kind::join:
        join(e.task, static_cast<std::uint32_t>(e.target));
        break;
      case event_kind::memory_new:
        memory_.forget(e.target, e.size);
        break;
    }
  }

  // --- Tasks ---

  task_clock& task_of(std::uint32_t number) {
    if (number >= tasks_.size()) tasks_.resize(number + std::size_t{1});
    task_clock& task = tasks_[number];
    if (task.now == 0) begin(task, next_slot_++);
    return task;
  }

  static void begin(task_clock& task, slot_index slot) {
    const clock_value clock = task.clock[slot] + 1;
    task.clock.set(slot, clock);
    task.now = make_epoch(slot, clock);
  }

  void advance(task_clock& task) {
    if (clock_of(task.now) >= std::numeric_limits<clock_value>::max() - 1) {
      begin(task, next_slot_++);
    } else {
      begin(task, slot_of(task.now));
    }
  }

  static void acquire(task_clock& task, const object_clock& object) {
    if (object.last_release != 0 && task.clock.knows(object.last_release)) return;
    task.clock.join(object.published);
  }

  void fork(std::uint32_t parent_number, std::uint32_t child_number) {
    if (child_number >= tasks_.size()) tasks_.resize(child_number + std::size_t{1});
    task_clock& parent = tasks_[parent_number];
    task_clock& child = tasks_[child_number];
    if (child_number == parent_number) return;
    child.clock.join(parent.clock);
    if (child.now == 0) begin(child, slot_for_child_of(parent));
    advance(parent);
  }

  void join(std::uint32_t parent_number, std::uint32_t child_number) {
    task_of(child_number);
    if (child_number == parent_number) return;
    task_clock& parent = tasks_[parent_number];
    task_clock& child = tasks_[child_number];
    parent.clock.join(child.clock);
    if (clock_of(child.now) < std::numeric_limits<clock_value>::max() - 1)
      free_.push_back(child.now);
    child.clock.release_memory();
    child.now = 0;
  }

  // Of the tasks that ended last, one whose end the parent knows.
  slot_index slot_for_child_of(const task_clock& parent) {
    constexpr std::size_t looked_at = 8;
    for (std::size_t back = 1; back <= std::min(looked_at, free_.size()); ++back) {
      const epoch end = free_[free_.size() - back];
      if (!parent.clock.knows(end)) continue;
      std::swap(free_[free_.size() - back], free_.back());
      free_.pop_back();
      return slot_of(end);
    }
    return next_slot_++;
  }

  object_clock& object_of(std::uint64_t number) {
    if (number >= objects_.size()) objects_.resize(number + 1);
    return objects_[number];
  }

  // --- Accesses ---

  void access(const event& e, const task_clock& task) {
    if (e.size == 0) {
      if (e.target >= variables_.size()) variables_.resize(e.target + 1);
      variable& v = variables_[e.target];
      if (!judge(v, e, task)) return;
      found_.racy_events.add(e.position);
      if (v.race == no_race) {
        v.race = tell(v, e, task, trace_.variable_name(e.target, 0));
      } else {
        ++found_.races[v.race].racy_events;
      }
      remember(v, e, task);
      return;
    }
    // One race is told for the whole access, by its first piece that races.
    std::uint32_t race = no_race;
    memory_.each(e.target, e.size, [&](variable& v, std::uint64_t address) {
      if (!judge(v, e, task)) return;
      if (race == no_race) {
        if (v.race == no_race) {
          race = tell_memory(v, e, task, address);
        } else {
          race = v.race;
          ++found_.races[race].racy_events;
        }
        found_.racy_events.add(e.position);
      }
      if (v.race == no_race) v.race = race;
      remember(v, e, task);
    });
  }

  // Whether the access is racy. If not, it is remembered already.
  bool judge(variable& v, const event& e, const task_clock& task) {
    const epoch now = task.now;
    if (e.kind == event_kind::read && !v.atomics) {
      if (!v.writes.known_to(task.clock)) return true;
      if (!v.reads.is_only(now)) keep(v.reads, v, e, task);
      return false;
    }
    if (e.kind == event_kind::write && !v.atomics) {
      if (v.writes.is_only(now) && (v.reads.empty() || v.reads.is_only(now))) return false;
      if (!v.writes.known_to(task.clock) || !v.reads.known_to(task.clock)) return true;
      v.reads.clear();
      v.writes.replace(now, place_of(v, e));
      return false;
    }
    for (const access_set* set : conflicting(v, e.kind)) {
      if (set != nullptr && !set->known_to(task.clock)) return true;
    }
    remember(v, e, task);
    return false;
  }

  // The sets that an access of this kind races with.
  static std::array<const access_set*, 4> conflicting(const variable& v, event_kind kind) {
    const access_set* const atomic_writes = v.atomics ? &v.atomics->writes : nullptr;
    const access_set* const atomic_reads = v.atomics ? &v.atomics->reads : nullptr;
    switch (kind) {
      case event_kind::read:
        return {&v.writes, nullptr, atomic_writes, nullptr};
      case event_kind::atomic_read:
        return {&v.writes, nullptr, nullptr, nullptr};
      case event_kind::atomic_write:
        return {&v.writes, &v.reads, nullptr, nullptr};
      case event_kind::write:
      case event_kind::memory_freed:
        return {&v.writes, &v.reads, atomic_writes, atomic_reads};
      case event_kind::acquire:
      case event_kind::release:
      case event_kind::release_merge:
      case event_kind::transfer:
      case event_kind::transfer_merge:
      case event_kind::forget_object:
      case event_kind::fork:
      case event_kind::join:
      case event_kind::memory_new:
        break;
    }
    return {};
  }

  // Adds the access to what later ones are compared with.
  void remember(variable& v, const event& e, const task_clock& task) {
    switch (e.kind) {
      case event_kind::read:
        keep(v.reads, v, e, task);
        return;
      case event_kind::write:
      case event_kind::memory_freed:
        if (v.reads.known_to(task.clock)) v.reads.clear();
        if (v.atomics && v.atomics->reads.known_to(task.clock)) v.atomics->reads.clear();
        if (v.atomics && v.atomics->writes.known_to(task.clock)) v.atomics->writes.clear();
        keep(v.writes, v, e, task);
        return;
      case event_kind::atomic_read:
      case event_kind::atomic_write:
        if (!v.atomics) v.atomics = std::make_unique<atomic_accesses>();
        keep(e.kind == event_kind::atomic_read ? v.atomics->reads : v.atomics->writes, v, e, task);
        return;
      case event_kind::acquire:
      case event_kind::release:
      case event_kind::release_merge:
      case event_kind::transfer:
      case event_kind::transfer_merge:
      case event_kind::forget_object:
      case event_kind::fork:
      case event_kind::join:
      case event_kind::memory_new:
        return;
    }
  }

  void keep(access_set& set, const variable& v, const event& e, const task_clock& task) {
    if (!set.is_spread() && set.known_to(task.clock)) {
      set.replace(task.now, place_of(v, e));
    } else {
      set.add(task.now, place_of(v, e), v.race == no_race);
    }
  }

  // Only what may still be told is asked for.
  access_place place_of(const variable& v, const event& e) {
    if (v.race != no_race) return {};
    return {e.position, trace_.keep_location(e.extra), e.task};
  }

  // --- What is told ---

  static const char* operation_name(event_kind kind) {
    switch (kind) {
      case event_kind::read:
        return "read";
      case event_kind::write:
        return "write";
      case event_kind::atomic_read:
        return "atomic read";
      case event_kind::atomic_write:
        return "atomic write";
      case event_kind::memory_freed:
        return "free";
      case event_kind::acquire:
      case event_kind::release:
      case event_kind::release_merge:
      case event_kind::transfer:
      case event_kind::transfer_merge:
      case event_kind::forget_object:
      case event_kind::fork:
      case event_kind::join:
      case event_kind::memory_new:
        break;
    }
    return "";
  }

  told_access told(const access_place& place, event_kind kind) const {
    return {place.position, trace_.task_name(place.task), operation_name(kind),
            trace_.location_text(place.location)};
  }

  std::uint32_t tell(const variable& v, const event& e, const task_clock& task, std::string name) {
    constexpr std::array kinds = {event_kind::write, event_kind::read, event_kind::atomic_write,
                                  event_kind::atomic_read};
    const auto sets = conflicting(v, e.kind);
    const access_place* earlier = nullptr;
    event_kind earlier_kind = event_kind::write;
    for (std::size_t i = 0; i < sets.size(); ++i) {
      const access_place* one =
          sets[i] == nullptr ? nullptr : sets[i]->latest_unknown_to(task.clock);
      if (one == nullptr || (earlier != nullptr && earlier->position > one->position)) continue;
      earlier = one;
      earlier_kind = kinds[i];
    }
    race made{.variable = std::move(name), .later = told(place_of(v, e), e.kind), .earlier = {}};
    if (earlier != nullptr) made.earlier = told(*earlier, earlier_kind);
    found_.races.push_back(std::move(made));
    return static_cast<std::uint32_t>(found_.races.size() - 1);
  }

  // Memory that is used again may have been racy before, under the same name.
  std::uint32_t tell_memory(const variable& v, const event& e, const task_clock& task,
                            std::uint64_t address) {
    std::string name = trace_.variable_name(address, e.target + e.size - address);
    const auto known = race_of_.find(name);
    if (known != race_of_.end()) {
      ++found_.races[known->second].racy_events;
      return known->second;
    }
    const std::uint32_t made = tell(v, e, task, name);
    race_of_.emplace(std::move(name), made);
    return made;
  }

  trace_source& trace_;
  std::vector<task_clock> tasks_;
  std::vector<object_clock> objects_;
  std::vector<variable> variables_;
  memory_map<variable> memory_;
  std::vector<epoch> free_;  // the last epochs of tasks that were joined
  slot_index next_slot_ = 0;
  verdict found_;
  std::unordered_map<std::string, std::uint32_t> race_of_;
};

const engine_registration registered{
    {.name = "hb",
     .about = "happens-before: accesses that no synchronisation in the trace orders",
     .make = [](trace_source& trace) { return std::make_unique<hb>(trace); }}};

}  // namespace

}  // namespace gobench::detector::offline
