#include "detector/engine/trace.hpp"

#include <algorithm>

#include "detector/engine/memory.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {

constinit trace_store traces;

namespace {

constexpr std::size_t part_sizes[] = {1024, 4096, 16384, 65536};

std::size_t bytes_of_part(std::uint32_t nth) {
  return part_sizes[std::min<std::size_t>(nth, std::size(part_sizes) - 1)];
}

}  // namespace

void push_event_slowly(task_state& task) noexcept {
  if (task.part == nullptr) return;
  // Full. What happens until the next part begins is in its snapshot.
  task.part->written = task.trace_next;
  // Release: from here on another task may take the part for its own (begin_part), and write its `written`.
  __atomic_store_n(&task.part, nullptr, __ATOMIC_RELEASE);
  task.trace_next = task.trace_stop = task.trace_end = nullptr;
}

void trace_store::unlink(trace_part& part) noexcept {
  task_state& owner = *part.owner;
  (part.older != nullptr ? part.older->newer : owner.first_part) = part.newer;
  (part.newer != nullptr ? part.newer->older : owner.last_part) = part.older;
  --owner.part_count;
  (part.earlier_begun != nullptr ? part.earlier_begun->later_begun : first_begun_) =
      part.later_begun;
  (part.later_begun != nullptr ? part.later_begun->earlier_begun : last_begun_) =
      part.earlier_begun;
  used_ -= part.bytes;
}

void trace_store::begin_part(task_state& task) noexcept {
  locked guard(lock);
  if (task.part != nullptr) task.part->written = task.trace_next;
  const std::size_t bytes = bytes_of_part(task.part_count);
  trace_part* part = nullptr;
  // The oldest goes first, here or elsewhere.
  while (part == nullptr) {
    trace_part* oldest = nullptr;
    if (task.part_count >= most_parts_)
      oldest = task.first_part;
    else if (used_ + bytes > budget_)
      oldest = first_begun_;
    // Acquire pairs with the release of an owner that has given it up without the lock.
    while (oldest != nullptr && oldest->owner != &task &&
           oldest == __atomic_load_n(&oldest->owner->part, __ATOMIC_ACQUIRE))
      oldest = oldest->later_begun;
    if (oldest == nullptr) {
      part = static_cast<trace_part*>(take_block(bytes));
    } else {
      unlink(*oldest);
      if (oldest->bytes == bytes)
        part = oldest;
      else
        give_block(oldest, oldest->bytes);
    }
  }
  *part = {.owner = &task,
           .newer = nullptr,
           .older = task.last_part,
           .later_begun = nullptr,
           .earlier_begun = last_begun_,
           .first_clock = task.clock.now(),
           .bytes = static_cast<std::uint32_t>(bytes),
           .written = nullptr};
  (task.last_part != nullptr ? task.last_part->newer : task.first_part) = part;
  task.last_part = part;
  ++task.part_count;
  (last_begun_ != nullptr ? last_begun_->later_begun : first_begun_) = part;
  last_begun_ = part;
  used_ += bytes;

  task.trace_next = part->events();
  task.trace_stop = reinterpret_cast<trace_event*>(reinterpret_cast<char*>(part) + bytes);
  const auto room = static_cast<std::size_t>(task.trace_stop - task.trace_next);
  // The innermost frames and locks, for half of the room at most; the rest is for what is to come.
  const std::size_t depth = static_cast<std::size_t>(task.frame_next - task.frames);
  for (std::size_t i = depth - std::min(depth, room / 3); i < depth; ++i)
    *task.trace_next++ = make_event(event_kind::entry, task.frames[i].pc);
  const std::size_t locks = std::min<std::size_t>(task.held_count, room / 8);
  for (std::size_t i = task.held_count - locks; i < task.held_count; ++i)
    *task.trace_next++ = make_event(event_kind::lock, (task.held[i].lock & address_mask) |
                                                          (task.held[i].shared ? flag_bit : 0));
  *task.trace_next++ = make_event(event_kind::epoch, task.clock.now());
  task.trace_pc = 0;
  // A reader of the trace sees whole events: it reads under the lock up to trace_next.
  task.part = part;
}

void trace_store::drop(task_state& task) noexcept {
  locked guard(lock);
  task.part = nullptr;
  task.trace_next = task.trace_stop = task.trace_end = nullptr;
  while (task.first_part != nullptr) {
    trace_part* part = task.first_part;
    unlink(*part);
    give_block(part, part->bytes);
  }
}

traced_access trace_store::replay(task_state& task, clock_value clock, address low,
                                  std::size_t size, bool read, bool atomic) {
  traced_access result;
  std::vector<address> stack;
  std::vector<traced_lock> locks;
  const address first = low & address_mask, last = first + size;
  locked guard(lock);
  // The last part that began in the epoch or before it, and those after it that do.
  trace_part* part = task.last_part;
  while (part != nullptr && part->older != nullptr && part->first_clock >= clock)
    part = part->older;
  for (; part != nullptr && part->first_clock <= clock; part = part->newer) {
    stack.clear();
    locks.clear();
    address pc = 0;
    clock_value now = part->first_clock;
    // The owner may be writing on: what matters was written before the cell that brought us here.
    const trace_event* end = part->written;
    if (end == nullptr) end = *const_cast<trace_event* volatile*>(&task.trace_next);
    if (end < part->events() ||
        reinterpret_cast<const char*>(end) > reinterpret_cast<const char*>(part) + part->bytes)
      continue;
    const auto found = [&](std::size_t bytes) {
      result.found = true;
      result.stack.assign(1, pc);
      result.stack.insert(result.stack.end(), stack.rbegin(), stack.rend());
      result.locks = locks;
      result.size = bytes;
    };
    for (const trace_event* at = part->events(); at < end && now <= clock; ++at) {
      const trace_event event = *at;
      if ((event & access_event) != 0) {
        const auto delta = static_cast<std::int64_t>(event << 5) >> (64 - pc_bits);
        pc += static_cast<address>(delta);
        const address where = event & address_mask;
        const std::size_t bytes = std::size_t{1} << ((event >> 59) & 3);
        if (now == clock && where < last && where + bytes > first &&
            ((event >> 62) & 1) == (read ? 1u : 0u) && ((event >> 61) & 1) == (atomic ? 1u : 0u))
          found(bytes);
        continue;
      }
      const std::uint64_t payload = event & ((trace_event{1} << 48) - 1);
      switch (static_cast<event_kind>(event >> 56)) {
        case event_kind::entry:
          stack.push_back(payload);
          break;
        case event_kind::exit:
          if (!stack.empty()) stack.pop_back();
          break;
        case event_kind::pc:
          pc = payload;
          break;
        case event_kind::epoch:
          now = static_cast<clock_value>(payload);
          break;
        case event_kind::lock: {
          std::vector<address> taken(1, pc);
          taken.insert(taken.end(), stack.rbegin(), stack.rend());
          if (pc == 0) taken.clear();
          locks.push_back({address_from(payload & address_mask), (payload & flag_bit) != 0, taken});
          break;
        }
        case event_kind::unlock: {
          const bool all = (payload & flag_bit) != 0;
          const address which = address_from(payload & address_mask);
          for (std::size_t i = locks.size(); i-- != 0;)
            if (locks[i].lock == which) {
              locks.erase(locks.begin() + static_cast<std::ptrdiff_t>(i));
              if (!all) break;
            }
          break;
        }
        case event_kind::range: {
          const address where = payload & address_mask;
          if (at + 1 >= end) break;
          const std::size_t bytes = *++at & ((trace_event{1} << 48) - 1);
          if (now == clock && !atomic && where < last && where + bytes > first &&
              ((payload & flag_bit) != 0) == read)
            found(bytes);
          break;
        }
        case event_kind::size:
        case event_kind::none:
          break;
      }
    }
  }
  return result;
}

}  // namespace gobench::detector
