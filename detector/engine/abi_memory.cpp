// What the compilers' instrumentation calls for memory and functions. Names and meanings are those of
// ThreadSanitizer's run-time interface (compiler-rt/lib/tsan/rtl/tsan_interface.h).
#include "detector/engine/abi.hpp"
#include "detector/engine/access.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/start.hpp"
#include "detector/engine/tasks.hpp"

using namespace gobench::detector;

namespace {

address at(const void* p) { return reinterpret_cast<address>(p); }

template <unsigned Size, bool Read>
[[gnu::always_inline]] inline void unaligned(const void* p, address pc) {
  if ((at(p) & 7) + Size <= 8 && Size <= 8) {
    // Within a granule any bytes will do.
    access<Size, Read, false>(p, pc);
  } else {
    if constexpr (Read)
      read_range(p, Size, pc);
    else
      write_range(p, Size, pc);
  }
}

template <bool Read>
[[gnu::noinline]] void across_three(const void* p, address pc) {
  const task_state& task = *current_task;
  const cell* const group = shadow_of(at(p));
  // The end of one granule, one, and the beginning of another: its last byte with all before it.
  if (is_known<7, Read, false>(task, group, at(p)) &&
      is_known<8, Read, false>(task, group + cells_per_granule, 0) &&
      is_known_up_to<Read>(task, group + 2 * cells_per_granule, at(p)))
    return;
  if constexpr (Read)
    read_range(p, 16, pc);
  else
    write_range(p, 16, pc);
}

// What clang makes of loops over numbers: at a multiple of eight more often than not.
template <bool Read>
[[gnu::always_inline]] inline void unaligned_sixteen(const void* p, address pc) {
  if ((at(p) & 7) != 0) [[unlikely]]
    return across_three<Read>(p, pc);
  access_sixteen<Read>(p, pc);
}

}  // namespace

extern "C" {

GOBENCH_ABI void __tsan_init() { start_up(); }

// clang-format off
#define GOBENCH_SIZED(size)                                                                             \
  GOBENCH_ABI void __tsan_read##size(void* p) { access<size, true, false>(p, GOBENCH_CALLER_PC()); }    \
  GOBENCH_ABI void __tsan_write##size(void* p) { access<size, false, false>(p, GOBENCH_CALLER_PC()); }  \
  GOBENCH_ABI void __tsan_read##size##_pc(void* p, void* pc) { access<size, true, false>(p, at(pc)); }  \
  GOBENCH_ABI void __tsan_write##size##_pc(void* p, void* pc) { access<size, false, false>(p, at(pc)); } \
  GOBENCH_ABI void __tsan_volatile_read##size(void* p) { access<size, true, false>(p, GOBENCH_CALLER_PC()); }   \
  GOBENCH_ABI void __tsan_volatile_write##size(void* p) { access<size, false, false>(p, GOBENCH_CALLER_PC()); } \
  GOBENCH_ABI void __tsan_read_write##size(void* p) {                                                   \
    const address pc = GOBENCH_CALLER_PC();                                                             \
    access<size, true, false>(p, pc);                                                                   \
    access<size, false, false>(p, pc);                                                                  \
  }
GOBENCH_SIZED(1) GOBENCH_SIZED(2) GOBENCH_SIZED(4) GOBENCH_SIZED(8)

#define GOBENCH_UNALIGNED(size)                                                                                \
  GOBENCH_ABI void __tsan_unaligned_read##size(const void* p) { unaligned<size, true>(p, GOBENCH_CALLER_PC()); } \
  GOBENCH_ABI void __tsan_unaligned_write##size(void* p) { unaligned<size, false>(p, GOBENCH_CALLER_PC()); }     \
  GOBENCH_ABI void __tsan_unaligned_volatile_read##size(const void* p) { unaligned<size, true>(p, GOBENCH_CALLER_PC()); } \
  GOBENCH_ABI void __tsan_unaligned_volatile_write##size(void* p) { unaligned<size, false>(p, GOBENCH_CALLER_PC()); }     \
  GOBENCH_ABI void __tsan_unaligned_read_write##size(void* p) {                                                \
    const address pc = GOBENCH_CALLER_PC();                                                                    \
    unaligned<size, true>(p, pc);                                                                              \
    unaligned<size, false>(p, pc);                                                                             \
  }
GOBENCH_UNALIGNED(2) GOBENCH_UNALIGNED(4) GOBENCH_UNALIGNED(8)
    // clang-format on

    GOBENCH_ABI void __tsan_read16(void* p) {
  access_sixteen<true>(p, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_write16(void* p) { access_sixteen<false>(p, GOBENCH_CALLER_PC()); }
GOBENCH_ABI void __tsan_read16_pc(void* p, void* pc) { access_sixteen<true>(p, at(pc)); }
GOBENCH_ABI void __tsan_write16_pc(void* p, void* pc) { access_sixteen<false>(p, at(pc)); }
GOBENCH_ABI void __tsan_volatile_read16(void* p) { access_sixteen<true>(p, GOBENCH_CALLER_PC()); }
GOBENCH_ABI void __tsan_volatile_write16(void* p) { access_sixteen<false>(p, GOBENCH_CALLER_PC()); }
GOBENCH_ABI void __tsan_read_write16(void* p) {
  const address pc = GOBENCH_CALLER_PC();
  access_sixteen<true>(p, pc);
  access_sixteen<false>(p, pc);
}
GOBENCH_ABI void __tsan_unaligned_read16(const void* p) {
  unaligned_sixteen<true>(p, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_unaligned_write16(void* p) {
  unaligned_sixteen<false>(p, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_unaligned_volatile_read16(const void* p) {
  unaligned_sixteen<true>(p, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_unaligned_volatile_write16(void* p) {
  unaligned_sixteen<false>(p, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_unaligned_read_write16(void* p) {
  const address pc = GOBENCH_CALLER_PC();
  unaligned_sixteen<true>(p, pc);
  unaligned_sixteen<false>(p, pc);
}

GOBENCH_ABI void __tsan_read_range(void* p, unsigned long size) {
  read_range(p, size, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_write_range(void* p, unsigned long size) {
  write_range(p, size, GOBENCH_CALLER_PC());
}
GOBENCH_ABI void __tsan_read_range_pc(void* p, unsigned long size, void* pc) {
  read_range(p, size, at(pc));
}
GOBENCH_ABI void __tsan_write_range_pc(void* p, unsigned long size, void* pc) {
  write_range(p, size, at(pc));
}

// A constructor or destructor sets the pointer to the table of virtual functions. Setting it to what it is
// changes nothing for a reader.
GOBENCH_ABI void __tsan_vptr_update(void** vptr, void* to) {
  const address pc = GOBENCH_CALLER_PC();
  if (*vptr == to) {
    access<8, true, false>(vptr, pc);
    return;
  }
  const vptr_mark changing;
  access<8, false, false>(vptr, pc);
}
GOBENCH_ABI void __tsan_vptr_read(void** vptr) {
  const address pc = GOBENCH_CALLER_PC();
  const vptr_mark looking;
  access<8, true, false>(vptr, pc);
}

GOBENCH_ABI void __tsan_func_entry(void* pc) {
  // The caller's stack pointer. There is no prologue: everything rare is a call in tail position.
  address caller_stack;
  asm("leaq 8(%%rsp), %0" : "=r"(caller_stack));
  task_state& task = *current_task;
  frame* const top = task.frame_next;
  trace_event* const event = task.trace_next;
  if (__builtin_expect(top >= task.frame_end || event >= task.trace_end, 0))
    return enter_function_slowly(pc, caller_stack);
  top->pc = at(pc);
  top->stack = static_cast<std::uint32_t>(caller_stack);
  top->node = 0;
  task.frame_next = top + 1;
  *event = make_event(event_kind::entry, at(pc));
  task.trace_next = event + 1;
}

GOBENCH_ABI void __tsan_func_exit() {
  task_state& task = *current_task;
  trace_event* const event = task.trace_next;
  if (__builtin_expect(event >= task.trace_end || task.frame_next == task.frames, 0))
    return leave_function_slowly();
  task.frame_next = task.frame_next - 1;
  *event = make_event(event_kind::exit, 0);
  task.trace_next = event + 1;
}

}  // extern "C"

namespace gobench::detector {

void push_frame(task_state& task, address pc, address stack) noexcept {
  if (task.dummy) return;
  if (task.frame_next >= task.frame_end) {
    const internal_mark inside;
    grow_frames(task);
  }
  *task.frame_next = {pc, static_cast<std::uint32_t>(stack), 0};
  ++task.frame_next;
  push_event(task, make_event(event_kind::entry, pc));
}

void pop_frame(task_state& task) noexcept {
  if (task.frame_next == task.frames) return;
  --task.frame_next;
  push_event(task, make_event(event_kind::exit, 0));
}

[[gnu::noinline]] void enter_function_slowly(void* pc, address stack) noexcept {
  push_frame(*current_task, at(pc), stack);
}
[[gnu::noinline]] void leave_function_slowly() noexcept { pop_frame(*current_task); }

function_scope::function_scope(address pc) noexcept {
  push_frame(*current_task, pc, reinterpret_cast<address>(__builtin_frame_address(0)));
}
function_scope::~function_scope() { pop_frame(*current_task); }

void unwind_to(address stack_pointer) noexcept {
  task_state& task = *current_task;
  // Frames that were entered with a stack pointer below the target are left. Only low halves are kept, of one stack.
  while (task.frame_next != task.frames &&
         static_cast<std::int32_t>(task.frame_next[-1].stack -
                                   static_cast<std::uint32_t>(stack_pointer)) < 0)
    pop_frame(task);
}

}  // namespace gobench::detector
