#include "runtime/internal/stack.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::uint64_t canary_word = 0x676f62656e636821ULL;
constexpr std::size_t slab_bytes = std::size_t{64} << 20;

// Stacks whose tops lie at the same offset in a page compete for the same sets of the first-level
// cache; the tops are spread over this many lines-and-a-bit. The last 2 KiB stay in the top page, so a
// shallow task still commits one page only.
constexpr std::size_t colours = 16;
constexpr std::size_t colour_step = 128;

// Guards by mprotect split mappings; leave half of what the kernel allows to the program.
std::atomic<long> mprotect_guards_left{-1};

long mapping_budget() noexcept {
  long limit = 65530;
  if (std::FILE* file = std::fopen("/proc/sys/vm/max_map_count", "re")) {
    if (std::fscanf(file, "%ld", &limit) != 1) limit = 65530;
    std::fclose(file);
  }
  return limit / 4;  // a guard costs two mappings
}

bool take_mprotect_budget() noexcept {
  if (mprotect_guards_left.load(std::memory_order_relaxed) < 0) {
    long unknown = -1;
    mprotect_guards_left.compare_exchange_strong(unknown, mapping_budget(),
                                                 std::memory_order_relaxed);
  }
  // Relaxed: a plain counter, nothing is published through it. It stops at zero.
  long left = mprotect_guards_left.load(std::memory_order_relaxed);
  while (left > 0) {
    if (mprotect_guards_left.compare_exchange_weak(left, left - 1, std::memory_order_relaxed))
      return true;
  }
  return false;
}

std::byte* map(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // A huge page under a stack would commit 2 MiB for a task that needs one page.
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<std::byte*>(memory);
}

void commit([[maybe_unused]] std::byte* from, [[maybe_unused]] std::size_t bytes) noexcept {
  for (std::size_t at = 0; at < bytes; at += page_bytes)
    *reinterpret_cast<volatile std::byte*>(from + at) = std::byte{0};
}

}  // namespace

bool stack::intact() const noexcept {
  return guard != guard_kind::canary || *reinterpret_cast<const std::uint64_t*>(low) == canary_word;
}

stack_arena::stack_arena(const stack_options& chosen) : chosen_(chosen) {}

guard_kind stack_arena::place_guard(std::byte* page) noexcept {
  if (chosen_.guard) {
    if (::madvise(page, page_bytes, MADV_GUARD_INSTALL) == 0) return guard_kind::marker;
    if (take_mprotect_budget() && ::mprotect(page, page_bytes, PROT_NONE) == 0)
      return guard_kind::protected_page;
  }
  *reinterpret_cast<std::uint64_t*>(page + page_bytes) = canary_word;
  return guard_kind::canary;
}

void stack_arena::add_slab() {
  const std::size_t stride = chosen_.reserve + page_bytes;
  const std::size_t bytes = std::max<std::size_t>(1, slab_bytes / stride) * stride;
  fresh_ = map(bytes);
  fresh_end_ = fresh_ + bytes;
}

stack* stack_arena::carve() {
  if (fresh_ == fresh_end_) add_slab();
  std::byte* base = fresh_;
  auto made = std::make_unique<stack>();
  fresh_ += chosen_.reserve + page_bytes;
  made->low = base + page_bytes;
  made->guard = place_guard(base);
  const std::size_t colour =
      chosen_.reserve > 4 * page_bytes ? (carved_++ % colours) * colour_step : 0;
  made->top = base + page_bytes + chosen_.reserve - colour;
  if (chosen_.strategy == stack_strategy::pooled) {
    const std::size_t canary = made->guard == guard_kind::canary ? page_bytes : 0;
    commit(made->low + canary, chosen_.reserve - canary);
  }
  made_.push_back(made.get());
  return made.release();
}

stack* stack_arena::map_one() {
  auto made = std::make_unique<stack>();
  std::byte* base = map(chosen_.reserve + page_bytes);
  made->low = base + page_bytes;
  made->top = made->low + chosen_.reserve;
  made->guard = place_guard(base);
  made->own_mapping = true;
  return made.release();
}

stack* stack_arena::take(int count) {
  stack* list = nullptr;
  if (chosen_.strategy == stack_strategy::fixed) {
    list = map_one();
    list->next_free = nullptr;
    return list;
  }
  const std::scoped_lock held(lock_);
  std::size_t carved = 0;
  for (int taken = 0; taken < count; ++taken) {
    stack*& from = used_ != nullptr ? used_ : free_;
    stack* one = from;
    if (one != nullptr) {
      from = one->next_free;
    } else {
      // A batch is for small stacks; of large ones it would commit, or reserve, what nobody asked for.
      carved += chosen_.reserve;
      if (list != nullptr && carved > slab_bytes) break;
      try {
        one = carve();
      } catch (const std::bad_alloc&) {
        if (list == nullptr) throw;
        break;
      }
    }
#if defined(__SANITIZE_ADDRESS__)
    // A task that was abandoned or left by an exception may have left red zones behind.
    __asan_unpoison_memory_region(one->low, one->size());
#endif
    one->next_free = list;
    list = one;
  }
  return list;
}

void stack_arena::give(stack* list) noexcept {
  if (list == nullptr) return;
  if (list->own_mapping) {
    while (list != nullptr) {
      stack* next = list->next_free;
      if (list->guard == guard_kind::protected_page)
        mprotect_guards_left.fetch_add(1, std::memory_order_relaxed);
      ::munmap(list->low - page_bytes, chosen_.reserve + page_bytes);
      delete list;
      list = next;
    }
    return;
  }
  stack* last = list;
  while (last->next_free != nullptr) last = last->next_free;
  const std::scoped_lock held(lock_);
  last->next_free = used_;
  used_ = list;
}

void stack_arena::trim() noexcept {
  if (chosen_.strategy == stack_strategy::pooled) return;
  const std::scoped_lock held(lock_);
  // A call per stack: after a run with many of them, later and smaller runs must not pay for all.
  while (stack* one = used_) {
    const std::size_t canary = one->guard == guard_kind::canary ? page_bytes : 0;
    ::madvise(one->low + canary, chosen_.reserve - canary, MADV_DONTNEED);
    used_ = one->next_free;
    one->next_free = free_;
    free_ = one;
  }
}

stack_arena& arena_for(const stack_options& chosen) {
  static spin_lock lock;
  static auto& arenas = *new std::vector<std::unique_ptr<stack_arena>>;
  const std::scoped_lock held(lock);
  for (const auto& arena : arenas) {
    const stack_options& made = arena->made_for();
    if (made.strategy == chosen.strategy && made.reserve == chosen.reserve &&
        made.guard == chosen.guard)
      return *arena;
  }
  arenas.push_back(std::make_unique<stack_arena>(chosen));
  return *arenas.back();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
