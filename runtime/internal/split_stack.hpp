// Stacks that grow by segments: what g++ -fsplit-stack and libgcc offer.
//
// Every function compiled with -fsplit-stack compares the stack pointer with a limit that the thread keeps,
// and calls libgcc for a further segment when its frame does not fit. The limit and the list of segments
// belong to whatever runs on the thread, so a switch between fibers has to exchange them.
//
// Invariants
//  - gobench is not compiled so itself, and refers to libgcc's functions weakly: they are there exactly
//    when some of the program is compiled so. All else here may be called only if split_stacks_here().
//  - A worker's own limit is 0, which no stack pointer is below: on stacks of other strategies, and on the
//    worker's own, nothing grows.
//  - From the jump to load_split_context() no function compiled with -fsplit-stack is called.
//
// Source: libgcc/generic-morestack.c and https://gcc.gnu.org/wiki/SplitStacks.
#pragma once

#include <array>
#include <cstddef>

#include "runtime/flavour.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): libgcc's names
extern "C" {
__attribute__((weak)) void* __splitstack_makecontext(std::size_t bytes, void** context,
                                                     std::size_t* got);
__attribute__((weak)) void* __splitstack_resetcontext(void** context, std::size_t* got);
__attribute__((weak)) void __splitstack_releasecontext(void** context);
__attribute__((weak)) void __splitstack_getcontext(void** context);
__attribute__((weak)) void __splitstack_setcontext(void** context);
__attribute__((weak)) void __splitstack_block_signals_context(void** context, int* wanted,
                                                              int* before);
}

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

// Opaque, as libgcc sizes it. All zero: no segments, a limit of 0.
struct split_context {
  std::array<void*, 10> words{};
};

inline bool split_stacks_here() noexcept { return __splitstack_makecontext != nullptr; }

// Of what runs on the calling thread.
inline void save_split_context(split_context& into) noexcept {
  __splitstack_getcontext(into.words.data());
}
inline void load_split_context(split_context& from) noexcept {
  __splitstack_setcontext(from.words.data());
}

// While it lives, nothing grows on the calling thread but what loads a context of its own.
class no_growth_here {
 public:
  no_growth_here() noexcept {
    if (!split_stacks_here()) return;
    save_split_context(before_);
    split_context none;
    load_split_context(none);
  }
  ~no_growth_here() {
    if (split_stacks_here()) load_split_context(before_);
  }
  no_growth_here(const no_growth_here&) = delete;
  no_growth_here& operator=(const no_growth_here&) = delete;

 private:
  split_context before_;
};

// A first segment: its lowest byte, and in `got` how many there are. libgcc ends the program with a sentence
// when there is no memory.
inline std::byte* make_split_stack(std::size_t bytes, split_context& made,
                                   std::size_t& got) noexcept {
  return static_cast<std::byte*>(__splitstack_makecontext(bytes, made.words.data(), &got));
}

// Ready for a task at the top of its first segment; further ones are kept. Signals are not blocked while one
// is made, since that takes two system calls: the runtime's own handler has a stack of its own.
inline void reset_split_stack(split_context& of) noexcept {
  std::size_t got = 0;
  __splitstack_resetcontext(of.words.data(), &got);
  int block = 0;
  __splitstack_block_signals_context(of.words.data(), &block, nullptr);
}

inline void release_split_stack(split_context& of) noexcept {
  __splitstack_releasecontext(of.words.data());
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
