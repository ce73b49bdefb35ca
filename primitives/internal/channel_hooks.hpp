// What a channel tells the instrumentation seam: its share of the Go memory model.
//
// Edges (https://go.dev/ref/mem, "Channel communication")
//  1. A send happens before the completion of the receive that takes its value.
//  2. Receive k on a channel of capacity C happens before the completion of send k + C.
//  3. The close happens before a receive that returns because the channel is closed.
// What is told of an operation comes before its release: the receiver of a value may close the channel.
// Nothing else is an edge: not a failed or timed-out operation, not a send that throws, not len, cap or
// closed, not the counting of handles.
//
// Objects. Each position of the buffer has two: where a send leaves its past for the receive that takes
// the value (1), and where a receive leaves its own for the send that uses the position next (2). One who
// parks leaves its past in its node, since whoever completes its operation acts in another task, and
// finds there on waking what it has to take over. `transfer` passes a past on without the caller gaining
// it, so two senders that meet in one receive are not ordered by that. This is what Go's racenotify
// and racesync do (src/runtime/chan.go).
//
// Payloads that are more than their bytes are moved by the user's move constructor, whose accesses a detector
// sees. Then the mover also takes over the past of whoever had the memory before, and what it leaves
// comes after the move: a few more edges than the model has, rather than a report on memory that is ours.
//
// In the plain flavour every hook is empty and so is each function here.
#pragma once

#include <cstddef>
#include <cstdint>

#include "primitives/internal/channel_node.hpp"
#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// A build without the hooks in its text (runtime/instrument.hpp) has no use for most parameters.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
class channel_hooks {
 public:
  static void made(const void* channel, std::size_t capacity) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::made, capacity));
  }

  // Whether somebody listens, who cares for the positions of values that skip the buffer.
  static constexpr bool listening = instrument::listening;

  // Around a move between the caller and a position of the buffer. A position of an unbounded channel is
  // not used again in the sense of edge 2; but its memory may be.
  static void before_storing(const void* cell, bool bytes) noexcept {
    if (!bytes) GOBENCH_HOOK(acquire(vacated(cell)));
  }
  void stored(const void* channel, const void* cell, bool bounded, bool bytes) noexcept {
    sent(channel);
    GOBENCH_HOOK(release(cell));
    if (bounded && bytes) GOBENCH_HOOK(acquire(vacated(cell)));
  }
  static void before_taking(const void* cell) noexcept { GOBENCH_HOOK(acquire(cell)); }
  void taken(const void* channel, const void* cell) noexcept {
    GOBENCH_HOOK(release(vacated(cell)));
    received(channel);
  }
  // What is left in a channel that is destroyed was sent before.
  static void destroyed_in(const void* cell) noexcept { GOBENCH_HOOK(acquire(cell)); }

  // The caller parks; it woke because its value was moved, or because the channel was closed.
  static void parks(const channel_node& node) noexcept { GOBENCH_HOOK(release(past(node))); }
  // The same for a send, which counts as one from now on. (Of a select only the case that is done counts, and by
  // then it is too late to say so: its sends are not seen beside a close when they have parked.)
  static void parks_to_send(const void* channel, const channel_node& node) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::sent, 0));
    parks(node);
  }
  // A send that finds the channel closed, and a close that does, before they throw.
  static void sends_in_vain(const void* channel) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::sent_in_vain, 0));
  }
  static void closes_in_vain(const void* channel) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::closed_in_vain, 0));
  }
  static void woke(const channel_node& node) noexcept { GOBENCH_HOOK(acquire(gift(node))); }

  // The caller meets one who is parked, without a buffer between them: edges 1 and 2 at once.
  void sent_to(const void* channel, const channel_node& receiver) noexcept {
    sent(channel);
    meet(receiver);
    received_by(channel, receiver);
  }
  void received_from(const void* channel, const channel_node& sender) noexcept {
    meet(sender);
    sent_by(channel, sender);
    received(channel);
  }
  // The caller sends to a parked receiver as if through the position `cell` of an empty buffer, or of an
  // unbounded channel if null.
  void sent_through(const void* channel, const void* cell, const channel_node& receiver) noexcept {
    sent(channel);
    GOBENCH_HOOK(release(gift(receiver)));
    if (cell != nullptr) {
      GOBENCH_HOOK(acquire(vacated(cell)));
      GOBENCH_HOOK(transfer(past(receiver), vacated(cell)));
      GOBENCH_HOOK(release_merge(vacated(cell)));
    }
    received_by(channel, receiver);
  }
  // Around a move between the caller and one who is parked; after one of the above.
  static void before_moving(const channel_node& partner, bool bytes) noexcept {
    if (!bytes) GOBENCH_HOOK(acquire(past(partner)));
  }
  static void moved(const channel_node& partner, bool bytes) noexcept {
    if (!bytes) GOBENCH_HOOK(release(gift(partner)));
  }

  // The caller has received from `cell` and has put the value of a parked sender there.
  void refilled(const void* channel, const void* cell, const channel_node& sender,
                bool bytes) noexcept {
    GOBENCH_HOOK(transfer(vacated(cell), gift(sender)));
    GOBENCH_HOOK(transfer(past(sender), cell));
    if (!bytes) {
      GOBENCH_HOOK(release_merge(cell));
      GOBENCH_HOOK(release_merge(gift(sender)));  // what is left of the value is the sender's again
    }
    sent_by(channel, sender);
  }

  static void closed(const void* channel) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::closed, 0));
    GOBENCH_HOOK(release(channel));
  }
  static void saw_closed(const void* channel) noexcept {
    GOBENCH_HOOK(acquire(channel));
    GOBENCH_HOOK(channel_operation(channel, event::closed_seen, 0));
  }

 private:
  using event = instrument::channel_event;

  static void meet(const channel_node& partner) noexcept {
    GOBENCH_HOOK(release(gift(partner)));
    GOBENCH_HOOK(acquire(past(partner)));
  }
  void sent(const void* channel) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::sent, sends_.next()));
  }
  void received(const void* channel) noexcept {
    GOBENCH_HOOK(channel_operation(channel, event::received, receives_.next()));
  }
  void sent_by(const void* channel, const channel_node& sender) noexcept {
    GOBENCH_HOOK(channel_operation_for(past(sender), channel, event::sent, sends_.next()));
  }
  void received_by(const void* channel, const channel_node& receiver) noexcept {
    GOBENCH_HOOK(channel_operation_for(past(receiver), channel, event::received, receives_.next()));
  }

  // Numbers the operations where somebody listens.
  struct counter {
#if defined(GOBENCH_HOOKS_LISTEN)
    std::uint64_t next() noexcept { return next_++; }
    std::uint64_t next_ = 0;
#else
    static std::uint64_t next() noexcept { return 0; }
#endif
  };

  // Addresses that stand for the objects; cells are at least two bytes apart.
  static const void* vacated(const void* cell) noexcept {
    return static_cast<const std::byte*>(cell) + 1;
  }
  static const void* past(const channel_node& node) noexcept { return &node.element; }
  static const void* gift(const channel_node& node) noexcept { return &node.operation; }

  [[no_unique_address, maybe_unused]] counter sends_;
  [[no_unique_address, maybe_unused]] counter receives_;
};
#pragma GCC diagnostic pop

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
