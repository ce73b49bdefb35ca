#include "runtime/internal/stack.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <new>
#include <utility>

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

// Stacks that one list of ranges is made for.
constexpr std::size_t longest_batch = 64;

// A processor keeps this many stacks at most, and idle ones stay warm, as far as they would not hold more
// memory than that if all of them had been used to their end.
constexpr int most_cached_stacks = 128;
constexpr std::size_t most_cached_bytes = std::size_t{64} << 20;
constexpr std::size_t most_warm_stacks = 64;
constexpr std::size_t most_warm_bytes = std::size_t{16} << 20;

std::byte* page_of(std::byte* at) noexcept {
  return at - reinterpret_cast<std::uintptr_t>(at) % page_bytes;
}

// Ranges, one for each stack of a list.
template <class Range>
std::size_t each_range(stack* list, std::array<iovec, longest_batch>& ranges, Range range) {
  std::size_t count = 0;
  for (stack* one = list; one != nullptr; one = one->next_free) ranges[count++] = range(*one);
  return count;
}

}  // namespace

bool stack::intact() const noexcept {
  return guard != guard_kind::canary || *reinterpret_cast<const std::uint64_t*>(low) == canary_word;
}

stack_arena::stack_arena(const stack_options& chosen)
    : chosen_(chosen),
      most_cached_(
          std::clamp(static_cast<int>(most_cached_bytes / chosen.reserve), 2, most_cached_stacks)),
      kept_warm_(static_cast<std::uint32_t>(
          std::min(most_warm_stacks, most_warm_bytes / chosen.reserve))) {}

guard_kind stack_arena::place_guard(std::byte* page) const noexcept {
  if (chosen_.guard) {
    iovec one{page, page_bytes};
    if (advise({&one, 1}, MADV_GUARD_INSTALL) == 1) return guard_kind::marker;
    if (protect_page(page)) return guard_kind::protected_page;
  }
  *reinterpret_cast<std::uint64_t*>(page + page_bytes) = canary_word;
  return guard_kind::canary;
}

void stack_arena::guard_all(stack* list) noexcept {
  std::size_t placed = 0;
  if (chosen_.guard) {
    std::array<iovec, longest_batch> pages;
    const std::size_t count = each_range(list, pages, [](const stack& one) {
      return iovec{one.low - page_bytes, page_bytes};
    });
    placed = advise(std::span(pages).first(count), MADV_GUARD_INSTALL);
  }
  for (stack* one = list; one != nullptr; one = one->next_free) {
    one->guard = placed != 0 ? guard_kind::marker : place_guard(one->low - page_bytes);
    if (placed != 0) --placed;
  }
}

// Before the first task of each would fault: the whole stack, or of a lazy one the page at its top, which no
// task can do without.
void stack_arena::commit_all(stack* list) noexcept {
  std::array<iovec, longest_batch> pages;
  const bool whole = chosen_.strategy == stack_strategy::pooled;
  const std::size_t count = each_range(list, pages, [&](const stack& one) {
    std::byte* from = whole ? one.low : page_of(one.top - 1);
    return iovec{from, whole ? one.reserved() : page_bytes};
  });
  const std::size_t done = advise(std::span(pages).first(count), MADV_POPULATE_WRITE);
  // A lazy one faults later; so does a pooled one when memory ends here.
  if (!whole) return;
  for (std::size_t i = done; i < count; ++i) {
    auto* from = static_cast<std::byte*>(pages[i].iov_base);
    if (!commit(from, pages[i].iov_len)) return;
  }
}

void stack_arena::add_slab() {
  const std::size_t stride = chosen_.reserve + page_bytes;
  const std::size_t count = std::max<std::size_t>(1, slab_bytes / stride);
  made_.push_back(std::make_unique<stack[]>(count));
  try {
    fresh_ = map_stacks(count * stride);
  } catch (...) {
    made_.pop_back();
    throw;
  }
  fresh_end_ = fresh_ + count * stride;
  next_made_ = made_.back().get();
}

// Neither guarded nor committed yet.
stack* stack_arena::carve() {
  if (fresh_ == fresh_end_) add_slab();
  stack* made = next_made_++;
  made->low = fresh_ + page_bytes;
  fresh_ += chosen_.reserve + page_bytes;
  const std::size_t colour =
      chosen_.reserve > 4 * page_bytes ? (carved_++ % colours) * colour_step : 0;
  made->top = fresh_ - colour;
  return made;
}

stack* stack_arena::map_one() {
  auto made = std::make_unique<stack>();
  const std::size_t bytes = chosen_.reserve + page_bytes;
  std::byte* base = map_stacks(bytes);
  made->low = base + page_bytes;
  made->top = made->low + chosen_.reserve;
  made->own_mapping = true;
  if (!commit(made->low, chosen_.reserve)) {
    ::munmap(base, bytes);
    throw std::bad_alloc();
  }
  made->guard = place_guard(base);
  return made.release();
}

stack* stack_arena::make_segmented() {
  auto made = std::make_unique<segmented_stack>();
  std::size_t got = 0;
  made->low = make_split_stack(chosen_.reserve, made->context, got);
  if (made->low == nullptr) throw std::bad_alloc();
  std::byte* end = made->low + got;
  made->top = end - reinterpret_cast<std::uintptr_t>(end) % 16;
  made->guard = guard_kind::growth;
  return made.release();
}

stack* stack_arena::take(int count) {
  if (chosen_.strategy == stack_strategy::fixed) return map_one();
  stack* list = nullptr;
  stack* cold = nullptr;
  stack* fresh = nullptr;
  {
    const std::scoped_lock held(lock_);
    std::size_t added = 0;
    const int most = std::min(count, static_cast<int>(longest_batch));
    for (int taken = 0; taken < most; ++taken) {
      stack* one = nullptr;
      stack** into = &list;
      if (used_ != nullptr) {
        one = std::exchange(used_, used_->next_free);
        least_used_ = std::min(least_used_, --used_count_);
      } else {
        // A batch is for small stacks; of large ones it would commit, or reserve, what nobody asked for.
        added += chosen_.reserve;
        if (taken != 0 && (added > slab_bytes || segmented())) break;
        try {
          if (segmented()) {
            one = make_segmented();
          } else if (free_ != nullptr) {
            one = std::exchange(free_, free_->next_free);
            into = &cold;
          } else {
            one = carve();
            into = &fresh;
          }
        } catch (const std::bad_alloc&) {
          if (taken == 0) throw;
          break;
        }
      }
      one->next_free = *into;
      *into = one;
    }
  }
  // Nobody else knows of them by now.
  if (fresh != nullptr) guard_all(fresh);
  for (stack** some : {&fresh, &cold}) {
    if (*some == nullptr) continue;
    if (some == &fresh || chosen_.strategy != stack_strategy::pooled) commit_all(*some);
    stack* last = *some;
    while (last->next_free != nullptr) last = last->next_free;
    last->next_free = std::exchange(list, *some);
  }
#if defined(__SANITIZE_ADDRESS__)
  // A task that was abandoned or left by an exception may have left red zones behind.
  for (stack* one = list; one != nullptr; one = one->next_free)
    __asan_unpoison_memory_region(one->low, one->size());
#endif
  return list;
}

void stack_arena::give(stack* list) noexcept {
  if (list == nullptr) return;
  if (list->own_mapping) {
    while (list != nullptr) {
      stack* next = list->next_free;
      if (list->guard == guard_kind::protected_page) forget_protected_page();
#if defined(__SANITIZE_ADDRESS__)
      __asan_unpoison_memory_region(list->low, list->size());  // of who gets these addresses next
#endif
      ::munmap(list->low - page_bytes, chosen_.reserve + page_bytes);
      delete list;
      list = next;
    }
    return;
  }
  std::uint32_t count = 1;
  stack* last = list;
  for (; last->next_free != nullptr; last = last->next_free) ++count;
  const std::scoped_lock held(lock_);
  last->next_free = used_;
  used_ = list;
  used_count_ += count;
}

// Up to `most` of those that are warm, in one call: after a run with many of them, later and smaller runs
// must not pay for all. Which of them does not matter: those that are left are as warm. Returns how many.
std::size_t stack_arena::trim_some(std::size_t most) noexcept {
  stack* list = nullptr;
  stack* last = nullptr;
  std::size_t count = 0;
  {
    const std::scoped_lock held(lock_);
    for (list = used_; used_ != nullptr && count < std::min(most, longest_batch); ++count)
      last = std::exchange(used_, used_->next_free);
    if (count == 0) return 0;
    last->next_free = nullptr;
    used_count_ -= static_cast<std::uint32_t>(count);
    least_used_ = std::min(least_used_, used_count_);
  }
  if (segmented()) {
    while (list != nullptr) {
      const std::unique_ptr<segmented_stack> gone(
          static_cast<segmented_stack*>(std::exchange(list, list->next_free)));
      release_split_stack(gone->context);
    }
    return count;
  }
  std::array<iovec, longest_batch> pages;
  each_range(list, pages, [&](const stack& one) {
    const std::size_t canary = one.guard == guard_kind::canary ? page_bytes : 0;
    return iovec{one.low + canary, chosen_.reserve - canary};
  });
  advise(std::span(pages).first(count), MADV_DONTNEED);
  const std::scoped_lock held(lock_);
  last->next_free = free_;
  free_ = list;
  return count;
}

void stack_arena::trim() noexcept {
  if (chosen_.strategy == stack_strategy::pooled) return;
  while (trim_some(longest_batch) != 0) {
  }
}

bool stack_arena::trim_idle() noexcept {
  if (chosen_.strategy == stack_strategy::pooled) return false;
  std::uint32_t surplus = 0;
  {
    const std::scoped_lock held(lock_);
    surplus = least_used_ - std::min(least_used_, kept_warm_);
  }
  while (surplus != 0) {
    const auto done = static_cast<std::uint32_t>(trim_some(surplus));
    if (done == 0) break;
    surplus -= done;
  }
  const std::scoped_lock held(lock_);
  least_used_ = used_count_;
  return used_count_ > kept_warm_;
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
