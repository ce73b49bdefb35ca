// The untyped half of select: which case is taken.
//
// Passes, after Go's src/runtime/select.go where not said otherwise
//  1  look      read the status of every channel without a lock and collect the cases that look ready.
//               Choose one of these uniformly, take its channel's lock alone and do it. If somebody was faster,
//               drop it from the collection and choose again among the rest.
//  2  decide    nothing was ready. With `otherwise`: issue a barrier and read every status again. If none has
//               changed, then at the moment of the barrier no case was ready, and `otherwise` is right;
//               else start again.
//  3  enqueue   take all the locks in the order of the channels' addresses, collect the cases that are ready
//               now, and do one of them; or if there is none, stand in all the queues, drop the locks and park.
//  4  leave     whoever came first has claimed the operation; take the other nodes out of their queues, one
//               lock at a time.
// Go's select takes all the locks in any case. Passes 1 and 2 take one or none, because a select may take any
// case that is ready, and a case that is done under its channel's lock was ready then. Only "nothing was
// ready" speaks of several channels at one moment, and for that the versions in the status words stand in for
// the locks. (Eight locks cost 50 ns here, eight reads and a barrier a fifth of it.)
//
// Fairness: the choice is uniform among the cases collected. A scan from a random start would not be:
// of two ready cases, the one behind a run of cases that are not ready gets their share too.
//
// Two selects on each other's channels cannot deadlock: nobody holds a lock while waiting for one with a lower
// address. A select cannot meet itself: whenever it completes another's operation, its own nodes are not yet
// in a queue, and once they are, only others act.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "primitives/internal/channel_core.hpp"
#include "primitives/internal/channel_node.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// One case on a channel that is not nil. Without initial values: whoever needs a field writes it.
struct select_entry {
  bool is_send() const noexcept { return wanted == channel_core::send_ready; }
  bool looks_ready() const noexcept { return (seen & wanted) != 0; }
  void look() noexcept { seen = channel->status(); }

  channel_core* channel;
  void* element;            // to move from, or room to construct in
  std::uint64_t seen;       // the status at the last look
  std::uint32_t wanted;     // the bit of the status that means ready
  int position;             // among the arguments of select
  select_entry* candidate;  // this field of the first n entries: the cases that look ready
  select_entry* in_order;   // this field of the first n entries: all of them by address
  channel_node node;
};

// What a select consists of. The cases write themselves into it, which is the first look at their channels.
struct select_plan {
  explicit select_plan(select_entry* room) noexcept : entries(room) {}

  void add(channel_core* channel, void* element, std::uint64_t wanted, int position) noexcept {
    if (channel == nullptr) return;
    select_entry& e = entries[count++];
    e.channel = channel;
    e.element = element;
    e.wanted = static_cast<std::uint32_t>(wanted);
    e.position = position;
    e.look();
    looks_ready |= e.looks_ready();
  }
  void add_timeout(std::chrono::nanoseconds d, int position) noexcept {
    if (after_position >= 0 && d >= timeout) return;
    timeout = d;
    after_position = position;
  }
  // Throws misuse when there is one already.
  void add_otherwise(int position) {
    if (otherwise_position >= 0) refuse_second_otherwise();
    otherwise_position = position;
  }

  select_entry* entries;
  std::size_t count = 0;
  bool looks_ready = false;  // whether any entry does
  int otherwise_position = -1;
  int after_position = -1;
  std::chrono::nanoseconds timeout{};

 private:
  [[noreturn]] static void refuse_second_otherwise();
};

struct select_outcome {
  int position;
  bool received;  // of a receive: a value is there; otherwise the channel is closed
};

// Does one case. Throws channel_error if the case is a send on a closed channel; leaves through
// throw_ended() when the run ends.
select_outcome run_select(select_plan& plan);

// ---- in halves, for coroutines ----

// How a select came to its end. With no case done it was without: otherwise() or after().
struct select_end {
  const select_entry* done = nullptr;
  channel_result result = channel_result::not_ready;
};

// True when the select has to wait, until the plan's timeout if it has one; its nodes stand in the queues then.
// Precondition: `operation` is one for many queues.
bool begin_select(select_plan& plan, parked_operation& operation, select_end& end);
// Once the waiter was woken or gives up. True when it is over.
bool settle_select(select_plan& plan, parked_operation& operation, runtime::park_result why,
                   select_end& end) noexcept;
// Throws channel_error as run_select() does.
select_outcome outcome_of(const select_plan& plan, const select_end& end);

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
