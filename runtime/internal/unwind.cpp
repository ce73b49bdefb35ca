// How it works. The unwinder of the compiler's runtime library, the one that exceptions use, starts where
// it is called; it knows no way to begin elsewhere. So it is called from a function whose own unwind
// information says that its caller is the suspended fiber: the registers that a frame hands to its caller
// are read from a block that we have filled from the fiber's saved context. glibc describes the caller
// of a signal handler in the same way. So no library is needed beyond the one that is there.
//
// Rejected: libunwind and elfutils, which every user of our static library would have to link; resuming
// the fiber to let it look at itself, which writes to its stack, perhaps beyond its end; frame pointers,
// which release builds of users do not have.
#include "runtime/internal/unwind.hpp"

#include <unwind.h>

#include <array>
#include <cstring>

#include "runtime/internal/context.hpp"
#include "runtime/internal/switching.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

#if defined(__x86_64__)

namespace {

// The order is known to the unwind information below.
struct registers {
  std::uintptr_t rip;
  std::uintptr_t rsp;
  std::uintptr_t rbx;
  std::uintptr_t rbp;
  std::uintptr_t r12;
  std::uintptr_t r13;
  std::uintptr_t r14;
  std::uintptr_t r15;
};
static_assert(sizeof(registers) == 64);

}  // namespace

// (registers*, _Unwind_Trace_Fn, void*). While it calls, %rbx (DWARF register 3) holds the block. The
// canonical frame address, which is the caller's stack pointer, is *(rbx + 8); return address (16), rbx
// (3), rbp (6) and r12 to r15 lie at the places in the block that follow. 0x0f is
// DW_CFA_def_cfa_expression, 0x10 DW_CFA_expression, 0x73 DW_OP_breg3, 0x06 DW_OP_deref (DWARF 5, 6.4.2).
asm(R"(
	.pushsection .text
	.p2align 4
	.hidden gobench_unwind_as_caller
	.globl gobench_unwind_as_caller
	.type gobench_unwind_as_caller, @function
gobench_unwind_as_caller:
	.cfi_startproc
	pushq %rbx
	.cfi_def_cfa_offset 16
	.cfi_offset %rbx, -16
	movq %rdi, %rbx
	.cfi_escape 0x0f, 3, 0x73, 8, 0x06
	.cfi_escape 0x10, 16, 2, 0x73, 0
	.cfi_escape 0x10, 3, 2, 0x73, 16
	.cfi_escape 0x10, 6, 2, 0x73, 24
	.cfi_escape 0x10, 12, 2, 0x73, 32
	.cfi_escape 0x10, 13, 2, 0x73, 40
	.cfi_escape 0x10, 14, 2, 0x73, 48
	.cfi_escape 0x10, 15, 2, 0x73, 56
	movq %rsi, %rdi
	movq %rdx, %rsi
	call _Unwind_Backtrace@PLT
	popq %rbx
	ret
	.cfi_endproc
	.size gobench_unwind_as_caller, .-gobench_unwind_as_caller
	.popsection
)");

extern "C" _Unwind_Reason_Code gobench_unwind_as_caller(const registers* from, _Unwind_Trace_Fn,
                                                        void* argument);

namespace {

// How jump_fcontext lays out what it saves, from the stack pointer up: control words, since 1.80 a
// word for the stack protector, r12 to r15, rbx, rbp, return address.
bool read_context(fcontext::fcontext_t context, registers& into) noexcept {
  const auto function = reinterpret_cast<std::uintptr_t>(&switch_to);
  for (const std::size_t first : {std::size_t{1}, std::size_t{2}}) {
    std::array<std::uintptr_t, 7> saved;
    std::memcpy(saved.data(), static_cast<const char*>(context) + first * 8, sizeof saved);
    // Fibers leave by switch_to() and in no other way: so the right layout is the one that says so.
    void* at = reinterpret_cast<void*>(saved[6]);
    if (reinterpret_cast<std::uintptr_t>(_Unwind_FindEnclosingFunction(at)) != function) continue;
    const auto after = reinterpret_cast<std::uintptr_t>(context) + (first + saved.size()) * 8;
    into = {.rip = saved[6],
            .rsp = after + jump_gap_bytes,
            .rbx = saved[4],
            .rbp = saved[5],
            .r12 = saved[0],
            .r13 = saved[1],
            .r14 = saved[2],
            .r15 = saved[3]};
    return true;
  }
  return false;
}

struct collected {
  std::array<std::uintptr_t, most_frames> addresses;
  int count = -1;  // the first frame is the one that only pretends to be called by the fiber
};

_Unwind_Reason_Code collect(_Unwind_Context* frame, void* argument) {
  auto& into = *static_cast<collected*>(argument);
  if (into.count >= 0) into.addresses[static_cast<std::size_t>(into.count)] = _Unwind_GetIP(frame);
  return ++into.count < most_frames ? _URC_NO_REASON : _URC_END_OF_STACK;
}

}  // namespace

std::vector<std::uintptr_t> unwind_suspended(fcontext::fcontext_t context) {
  registers from{};
  if (!read_context(context, from)) return {};
  collected into;
  gobench_unwind_as_caller(&from, &collect, &into);
  const int count = into.count < 0 ? 0 : into.count;
  return {into.addresses.begin(), into.addresses.begin() + count};
}

#else

std::vector<std::uintptr_t> unwind_suspended(fcontext::fcontext_t) { return {}; }

#endif

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
