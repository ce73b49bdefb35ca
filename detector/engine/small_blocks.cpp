#include "detector/engine/small_blocks.hpp"

#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/spin_lock.hpp"

namespace gobench::detector::small_blocks {

namespace internal {
constinit std::uintptr_t range_start = 0;
constinit std::size_t range_size = 0;
}  // namespace internal

namespace {

using internal::sizes;

struct slot {
  slot* next;
  std::uintptr_t mark;  // or the next batch
};

constexpr std::uint32_t batch = 64;
constexpr std::uintptr_t mark_of_free = 0x5ab1'0c5f'7ee5'107d;

struct alignas(64) shared_list {
  spin_lock lock;
  slot* batches = nullptr;
  slot* loose = nullptr;  // what threads had left when they ended
  char* unused = nullptr;
  char* end = nullptr;
};
constinit shared_list shared[sizes];
constinit spin_lock range_lock;

struct own_list {
  slot* first;
  std::uint32_t count;
};
__thread own_list own[sizes] __attribute__((tls_model("initial-exec")));

std::uintptr_t mark_for(const slot* s) {
  return reinterpret_cast<std::uintptr_t>(s) ^ mark_of_free;
}

bool reserve_range() noexcept {
  locked guard(range_lock);
  if (internal::range_size != 0) return true;
  constexpr std::size_t one = std::size_t{1} << internal::bits_per_size;
  char* memory = static_cast<char*>(map_memory(one * sizes));
  for (std::size_t i = 0; i != sizes; ++i) {
    shared[i].unused = memory + i * one;
    shared[i].end = shared[i].unused + one / batch / 64 * batch * 64;
  }
  internal::range_start = reinterpret_cast<std::uintptr_t>(memory);
  __atomic_store_n(&internal::range_size, one * sizes, __ATOMIC_RELEASE);
  return true;
}

// A batch from the others, or of slots that were never used.
[[gnu::noinline]] void refill(std::size_t kind) noexcept {
  if (__atomic_load_n(&internal::range_size, __ATOMIC_ACQUIRE) == 0 && !reserve_range()) return;
  const std::size_t bytes = (kind + 1) * internal::step;
  shared_list& from = shared[kind];
  own_list& to = own[kind];
  locked guard(from.lock);
  if (slot* first = from.batches; first != nullptr) {
    from.batches = reinterpret_cast<slot*>(first->mark);
    first->mark = mark_for(first);
    to = {first, batch};
    return;
  }
  if (slot* first = from.loose; first != nullptr) {
    slot* last = first;
    std::uint32_t count = 1;
    // Written to after it was freed, one may lead anywhere: what is behind it is given up.
    while (count != batch && last->next != nullptr && owns(last->next)) {
      last = last->next;
      ++count;
    }
    from.loose = last->next != nullptr && owns(last->next) ? last->next : nullptr;
    last->next = nullptr;
    to = {first, count};
    return;
  }
  if (static_cast<std::size_t>(from.end - from.unused) < batch * bytes) return;
  slot* first = nullptr;
  for (std::uint32_t i = batch; i-- != 0;) {
    slot* s = reinterpret_cast<slot*>(from.unused + i * bytes);
    s->next = first;
    first = s;
  }
  from.unused += batch * bytes;
  to = {first, batch};
}

// The first `batch` of the thread's list go to the others.
[[gnu::noinline]] void give_batch(std::size_t kind) noexcept {
  own_list& from = own[kind];
  slot* const first = from.first;
  slot* last = first;
  for (std::uint32_t i = 1; i != batch; ++i) last = last->next;
  from.first = last->next;
  from.count -= batch;
  last->next = nullptr;
  shared_list& to = shared[kind];
  locked guard(to.lock);
  first->mark = reinterpret_cast<std::uintptr_t>(to.batches);
  to.batches = first;
}

// All of the thread's list, which is less than a batch.
void give_rest(std::size_t kind) noexcept {
  own_list& from = own[kind];
  slot* last = from.first;
  for (std::uint32_t left = from.count; left > 1 && last->next != nullptr && owns(last->next);
       --left)
    last = last->next;
  if (from.count != 0 && last != nullptr) {
    shared_list& to = shared[kind];
    locked guard(to.lock);
    last->next = to.loose;
    to.loose = from.first;
  }
  from = {nullptr, 0};
}

}  // namespace

void* allocate(std::size_t size) noexcept {
  const internal_mark inside;
  const std::size_t kind = size == 0 ? 0 : (size - 1) / internal::step;
  own_list& mine = own[kind];
  if (mine.count == 0) [[unlikely]] {
    refill(kind);
    if (mine.count == 0) return nullptr;
  }
  slot* const s = mine.first;
  // Written to after it was freed, it may lead anywhere: what is behind it is given up, not followed.
  if (s->next != nullptr && !owns(s->next)) [[unlikely]] {
    mine = {nullptr, 0};
  } else {
    mine.first = s->next;
    --mine.count;
    if (mine.first == nullptr) mine.count = 0;
  }
  s->mark = 0;
  return s;
}

void deallocate(void* block) noexcept {
  const internal_mark inside;
  const std::size_t kind = usable_size(block) / internal::step - 1;
  own_list& mine = own[kind];
  auto* const s = static_cast<slot*>(block);
  if (s->mark == mark_for(s)) [[unlikely]]
    die("the program frees a block that is free already: look at the places that free it with a "
        "debugger");
  s->mark = mark_for(s);
  s->next = mine.first;
  mine.first = s;
  if (++mine.count == 3 * batch) [[unlikely]]
    give_batch(kind);
}

void thread_exit() noexcept {
  const internal_mark inside;
  for (std::size_t kind = 0; kind != sizes; ++kind) {
    while (own[kind].count >= batch) give_batch(kind);
    give_rest(kind);
  }
}

void before_fork() noexcept {
  range_lock.lock();
  for (shared_list& one : shared) one.lock.lock();
}
void after_fork() noexcept {
  for (shared_list& one : shared) one.lock.unlock();
  range_lock.unlock();
}

}  // namespace gobench::detector::small_blocks
