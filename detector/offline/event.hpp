// What engines are told: the events of a trace in the order in which they happened, whatever the format.
//
// Names are dense numbers by then. Tasks, objects (locks and whatever else happens-before goes through) and
// variables count from 0, each on its own; the source knows what they are called.
#pragma once

#include <cstdint>

namespace gobench::detector::offline {

enum class event_kind : std::uint8_t {
  // Accesses. `target` is a variable where `size` is 0, otherwise the address of the first of `size` bytes.
  // Two atomic accesses never race with each other.
  read,
  write,
  atomic_read,
  atomic_write,
  // Happens-before, by `target`, an object. A release publishes what the task knows, in place of what the
  // object held or added to it; an acquire takes it over.
  acquire,
  release,
  release_merge,
  // What is published on `target` is published on the object `extra` as well, in place of what that held or
  // added to it. What the task knows does not matter.
  transfer,
  transfer_merge,
  forget_object,
  // Tasks: `target` begins to know what `task` knows; `task` gets to know what `target` knew at its end.
  fork,
  join,
  // `size` bytes at `target`: nothing is known of them any more (an allocation, a stack used again); they
  // are given back, which is an access like a write.
  memory_new,
  memory_freed,
};

constexpr bool is_access(event_kind kind) { return kind <= event_kind::atomic_write; }

struct event {
  std::uint64_t position;  // from 1: the line, or the number of the event in a recording
  std::uint64_t target;
  std::uint64_t extra;  // of an access its location, see trace_source::keep_location
  std::uint64_t size;
  std::uint32_t task;
  event_kind kind;
};

}  // namespace gobench::detector::offline
