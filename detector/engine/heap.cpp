// Heap blocks and ranges of memory.
#include "detector/engine/access.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/epochs.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/shadow.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {
namespace {

address at(const void* p) noexcept { return reinterpret_cast<address>(p); }

// Of a block, so much is marked when it is freed, and so much of a range is judged at most.
constexpr std::size_t most_marked = 1024;

template <bool Read>
void judge_range(task_state& task, address low, std::size_t size, address pc) noexcept {
  if (size == 0 || !in_program(low) || (task.trace_end == nullptr && !open_gate(task))) return;
  recording::access(task, Read ? cell_read : 0, low, size, pc);
  // One event for all of it; the gate has left room for two.
  if (task.trace_next + 3 >= task.trace_stop) {
    close_part(task);
    if (!open_gate(task)) return;
  }
  // Looked at once: a handler of a signal may leave no part behind.
  trace_event* next = task.trace_next;
  asm volatile("" : "+r"(next));
  if (next == nullptr) return;
  if (task.trace_pc != pc) {
    *next++ = make_event(event_kind::pc, pc);
    task.trace_pc = pc;
  }
  *next++ = make_event(event_kind::range, (low & address_mask) | (Read ? flag_bit : 0));
  *next++ = make_event(event_kind::size, size);
  task.trace_next = next;
  const address end = low + size;
  for (address granule_start = low & ~address{granule - 1}; granule_start < end;
       granule_start += granule) {
    cell bytes = cell_mask;
    if (granule_start < low) bytes &= cell_mask << (low - granule_start);
    if (granule_start + granule > end) bytes &= cell_mask >> (granule_start + granule - end);
    const cell me = task.tags[0] | (bytes & cell_mask) | (Read ? cell_read : 0);
    cell* const group = shadow_of(granule_start);
    const __m128i cells = load_cells(group);
    const __m128i said = Read ? _mm_or_si128(cells, splat(cell_read)) : cells;
    const __m128i known = _mm_cmpeq_epi32(
        _mm_and_si128(said, splat(me | cell_index | cell_read | cell_atomic)), splat(me));
    if (_mm_movemask_epi8(known) != 0) continue;
    if (_mm_testz_si128(cells, cells) != 0) {
      group[0] = me;
    } else if (_mm_movemask_epi8(
                   harmless<Read, false>(cells, me, task.block_mask, task.block_base)) != 0xffff) {
      const std::uint64_t reported = races_seen();
      judge(task, group, me, granule_start < low ? low : granule_start, pc);
      // One report for a range; the rest of it is as racy.
      if (races_seen() != reported) return;
      if (task.trace_end == nullptr && !open_gate(task)) return;
    } else {
      store_cell(task, group, cells, me, granule_start >> 3);
    }
  }
}

// No access is known while they are explored (access.cpp).
template <bool Read>
[[gnu::noinline, gnu::cold]] void explore_range(const void* start, std::size_t size, address pc,
                                                bool told) noexcept {
  if (!told && size != 0 && internal_depth == 0 && !current_task->dummy &&
      !skips_accesses(*current_task))
    schedule::access_step(Read ? explore::operation::read : explore::operation::write, start, pc);
  task_state& task = *current_task;
  judge_range<Read>(task, at(start), size, pc);
  set_tags(task, 0);
}

template <bool Read>
void told_range(const void* start, std::size_t size, address pc) noexcept {
  task_state& task = *current_task;
  const std::uint32_t depth = our_code_leave();
  if (__builtin_expect(schedule::accesses_explored, 0))
    explore_range<Read>(start, size, pc, true);
  else
    judge_range<Read>(task, at(start), size, pc);
  our_code_enter_again(depth);
}

template <bool Read>
void range(const void* start, std::size_t size, address pc) noexcept {
  if (__builtin_expect(schedule::accesses_explored, 0))
    explore_range<Read>(start, size, pc, false);
  else
    judge_range<Read>(*current_task, at(start), size, pc);
}

}  // namespace

namespace told {

void read_range(const void* start, std::size_t size, address pc) noexcept {
  told_range<true>(start, size, pc);
}
void write_range(const void* start, std::size_t size, address pc) noexcept {
  told_range<false>(start, size, pc);
}

}  // namespace told

void read_range(const void* start, std::size_t size, address pc) noexcept {
  range<true>(start, size, pc);
}
void write_range(const void* start, std::size_t size, address pc) noexcept {
  range<false>(start, size, pc);
}

void forget_range(const void* start, std::size_t size) noexcept {
  if (!started || size == 0 || !in_program(at(start)) || !in_program(at(start) + size - 1)) return;
  const internal_mark inside;
  clear_shadow(at(start), size);
  forget_objects(at(start), size);
  recording::fresh(*current_task, at(start), size);
}

void heap_allocated(const void* block, std::size_t size, address pc) noexcept {
  if (!started || block == nullptr) return;
  task_state& task = *current_task;
  const internal_mark inside;
  const std::size_t bytes = size == 0 ? 1 : size;
  clear_shadow(at(block), bytes);
  forget_objects(at(block), bytes);
  recording::fresh(task, at(block), bytes);
  put_block(at(block), {.size = size & ~(std::uint64_t{1} << 63),
                        .freed = 0,
                        .stack = task.dummy ? 0 : stack_of(task, pc),
                        .task = task.number});
}

bool heap_freed(const void* block, address pc) noexcept {
  if (!started || block == nullptr) return false;
  task_state& task = *current_task;
  heap_block known;
  if (!find_block(at(block), known) || known.freed != 0) return false;
  const std::size_t size = known.size == 0 ? 1 : known.size;
  const std::size_t marked = size < most_marked ? size : most_marked;
  if (!skips_accesses(task) && !task.dummy && internal_depth == 0) {
    // As a write of all of it; what comes later and is not ordered after this is a finding.
    freeing_mark freeing;
    judge_range<false>(task, at(block), marked, pc);
  }
  const internal_mark inside;
  // The block is remembered, for findings, until its memory is used again.
  forget_objects(at(block), size);
  known.freed = 1;
  recording::freed(task, at(block), size, pc);
  put_block(at(block), known);
  if (!task.dummy && task.tags[0] != 0) {
    // The flags make it unlike any access: a write by the same task in the same epoch is not known because of it.
    fill_shadow(at(block), marked, task.tags[0] | cell_mask | cell_read | cell_atomic, freed_cell);
    if (size > marked) clear_shadow(at(block) + ((marked + 7) & ~std::size_t{7}), size - marked);
  } else {
    clear_shadow(at(block), size);
  }
  return true;
}

std::size_t heap_block_size(const void* block) noexcept {
  heap_block known;
  return started && find_block(at(block), known) && known.freed == 0 ? known.size : 0;
}

}  // namespace gobench::detector
