#include "detector/engine/sync_object.hpp"

#include <smmintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <new>

#include "detector/engine/memory.hpp"

namespace gobench::detector {
namespace {

constexpr std::uint32_t block_bit = 1u << 31;

// Records by number, with a list of free ones per thread's shard: many threads allocate at once.
template <typename Record, std::size_t Capacity>
class pool {
 public:
  void reserve() noexcept { records_.reserve(); }
  Record& operator[](std::uint32_t number) const noexcept { return records_[number]; }
  std::uint32_t take() noexcept {
    shard& s = mine();
    locked guard(s.lock);
    if (s.free == 0) {
      const std::uint32_t first = used_.fetch_add(batch, std::memory_order_relaxed) + 1;
      if (first + batch >= Capacity)
        die("the detector has no room for more objects: check a smaller part of the program");
      for (std::uint32_t i = first + batch; i-- != first;) {
        link(i) = s.free;
        s.free = i;
      }
    }
    const std::uint32_t number = s.free;
    s.free = link(number);
    return number;
  }
  void give(std::uint32_t number) noexcept {
    shard& s = mine();
    locked guard(s.lock);
    link(number) = s.free;
    s.free = number;
  }
  // Numbers that may have been taken are up to this one.
  std::uint32_t last() const noexcept { return used_.load(std::memory_order_relaxed); }
  void lock() noexcept {
    for (shard& s : shards_) s.lock.lock();
  }
  void unlock() noexcept {
    for (shard& s : shards_) s.lock.unlock();
  }

 private:
  static constexpr std::uint32_t batch = 64;
  struct alignas(64) shard {
    spin_lock lock;
    std::uint32_t free = 0;
  };
  // The first four bytes that a free record has no use for. A sync_object keeps its `lock` and `where`
  // readable for those who come late.
  std::uint32_t& link(std::uint32_t number) noexcept {
    return *reinterpret_cast<std::uint32_t*>(Record::free_link(&records_[number]));
  }
  shard& mine() noexcept {
    static __thread unsigned index __attribute__((tls_model("initial-exec"))) = 0;
    if (index == 0) index = (next_shard_.fetch_add(1, std::memory_order_relaxed) % 16) + 1;
    return shards_[index - 1];
  }
  table<Record, Capacity> records_;
  std::atomic<std::uint32_t> used_{0};
  std::atomic<std::uint32_t> next_shard_{0};
  shard shards_[16];
};

struct object_record : sync_object {
  static void* free_link(object_record* r) noexcept { return &r->next; }
};
// Blocks of one size from one place share a record, which counts them: a program allocates a million nodes, but not at a
// million places.
struct block_record : heap_block {
  std::atomic<std::uint32_t> users;  // 0: free, or about to be
  static void* free_link(block_record* r) noexcept { return &r->stack; }
  bool tells(const heap_block& b) const noexcept {
    return size == b.size && freed == b.freed && stack == b.stack && task == b.task;
  }
};

constinit pool<object_record, std::size_t{1} << 26> objects;
constinit pool<block_record, std::size_t{1} << 29> blocks;
constinit std::atomic<std::uint32_t> last_lock_number{0};

std::atomic<std::uint32_t>& head_of(address a) noexcept {
  return *reinterpret_cast<std::atomic<std::uint32_t>*>(meta_of(a));
}

// The object at `where` in the list, or null.
sync_object* walk(std::uint32_t number, address where) noexcept {
  for (int steps = 0; number != 0 && (number & block_bit) == 0 && steps != 1000; ++steps) {
    sync_object& object = objects[number];
    if (object.where.load(std::memory_order_acquire) == where)
      return &object;  // pairs with object_at
    number = object.next.load(std::memory_order_relaxed);
  }
  return nullptr;
}

}  // namespace

void reserve_objects() noexcept {
  objects.reserve();
  blocks.reserve();
}

bool has_object(address where) noexcept {
  return walk(head_of(where).load(std::memory_order_acquire), where) != nullptr;
}

std::uint32_t lock_number_at(address where) noexcept {
  const sync_object* object = walk(head_of(where).load(std::memory_order_acquire), where);
  const lock_record* record = object == nullptr ? nullptr : object->as_lock;
  return record == nullptr ? 0 : record->number;
}

sync_ref find_object(address where) noexcept {
  for (;;) {
    sync_object* object = walk(head_of(where).load(std::memory_order_acquire), where);
    if (object == nullptr) return {};
    object->lock.lock();
    if (object->where.load(std::memory_order_relaxed) == where) return sync_ref(object);
    object->lock.unlock();
  }
}

namespace {
[[gnu::noinline]] sync_object* object_slowly(address where) noexcept;
}

sync_ref object_at(address where) noexcept {
  // Most words lead to one object, which is there already.
  const std::uint32_t first = head_of(where).load(std::memory_order_acquire);
  sync_object& object = objects[first & ~block_bit];
  if (first - 1 < block_bit - 1 && object.where.load(std::memory_order_acquire) == where)
      [[likely]] {
    object.lock.lock();
    if (object.where.load(std::memory_order_relaxed) == where) [[likely]]
      return sync_ref(&object);
    object.lock.unlock();
  }
  return sync_ref(object_slowly(where));
}

namespace {

sync_object* object_slowly(address where) noexcept {
  std::atomic<std::uint32_t>& head = head_of(where);
  std::uint32_t fresh = 0;
  for (;;) {
    std::uint32_t first = head.load(std::memory_order_acquire);
    if (sync_object* object = walk(first, where); object != nullptr) {
      object->lock.lock();
      if (object->where.load(std::memory_order_relaxed) == where) {
        if (fresh != 0) {
          objects[fresh].where.store(0, std::memory_order_relaxed);
          objects[fresh].lock.unlock();
          objects.give(fresh);
        }
        return object;
      }
      object->lock.unlock();
      continue;
    }
    if (fresh == 0) {
      fresh = objects.take();
      objects[fresh].lock.lock();
      objects[fresh].as_lock = nullptr;
      objects[fresh].task = nullptr;
      objects[fresh].last_releaser = 0;
    }
    sync_object& object = objects[fresh];
    object.next.store(first, std::memory_order_relaxed);
    object.where.store(where, std::memory_order_release);  // pairs with walk
    if (head.compare_exchange_strong(first, fresh, std::memory_order_acq_rel)) return &object;
  }
}

}  // namespace

lock_record& make_lock(sync_object& object) noexcept {
  object.as_lock = new (take_block(sizeof(lock_record))) lock_record;
  object.as_lock->number = last_lock_number.fetch_add(1, std::memory_order_relaxed) + 1;
  return *object.as_lock;
}

namespace {

void release_block(std::uint32_t number) noexcept {
  // What others read in the record happened before it is another's.
  if (blocks[number].users.fetch_sub(1, std::memory_order_acq_rel) == 1) blocks.give(number);
}

// Numbers of records used lately, by what they tell. It owns none of them: one may be free, or be another's by now.
constexpr std::size_t recent_count = 1024;
constinit std::atomic<std::uint32_t> recent_blocks[recent_count] = {};

std::uint32_t record_of(const heap_block& block) noexcept {
  const std::uint64_t mixed = (block.size + (std::uint64_t{block.stack} << 20) +
                               (std::uint64_t{block.task} << 44) + block.freed) *
                              0x9e3779b97f4a7c15u;
  std::atomic<std::uint32_t>& recent = recent_blocks[mixed >> 54];
  static_assert(recent_count == std::size_t{1} << (64 - 54));
  if (const std::uint32_t number = recent.load(std::memory_order_relaxed); number != 0) {
    block_record& record = blocks[number];
    // Only one that has users can be joined: what it tells stands still as long as it has. Acquire pairs with the
    // release below.
    std::uint32_t users = record.users.load(std::memory_order_relaxed);
    while (users != 0 && users != ~std::uint32_t{0} &&
           !record.users.compare_exchange_weak(users, users + 1, std::memory_order_acquire,
                                               std::memory_order_relaxed)) {
    }
    if (users != 0 && users != ~std::uint32_t{0}) {
      if (record.tells(block)) return number;
      release_block(number);
    }
  }
  const std::uint32_t number = blocks.take();
  block_record& record = blocks[number];
  static_cast<heap_block&>(record) = block;
  record.users.store(1, std::memory_order_release);
  recent.store(number, std::memory_order_relaxed);
  return number;
}

void forget_word(std::uint32_t* word) noexcept {
  if (*static_cast<volatile std::uint32_t*>(word) == 0) return;
  std::uint32_t number =
      reinterpret_cast<std::atomic<std::uint32_t>*>(word)->exchange(0, std::memory_order_acq_rel);
  while (number != 0) {
    if ((number & block_bit) != 0) {
      release_block(number & ~block_bit);
      break;
    }
    object_record& object = objects[number];
    object.lock.lock();
    const std::uint32_t next = object.next.load(std::memory_order_relaxed);
    object.where.store(0, std::memory_order_relaxed);
    object.clock.clear();
    if (object.as_lock != nullptr) {
      object.as_lock->shared_releases.clear();
      give_block(object.as_lock, sizeof(lock_record));
      object.as_lock = nullptr;
    }
    object.lock.unlock();
    objects.give(number);
    number = next;
  }
}

void forget_words(std::uint32_t* word, const std::uint32_t* end) noexcept {
  while (word != end) {
    // Most are 0, of a stack nearly all: sixteen at once.
    if ((reinterpret_cast<std::uintptr_t>(word) & 63) == 0 && end - word >= 16) {
      const auto* four = reinterpret_cast<const __m128i*>(word);
      const __m128i some =
          _mm_or_si128(_mm_or_si128(_mm_load_si128(four), _mm_load_si128(four + 1)),
                       _mm_or_si128(_mm_load_si128(four + 2), _mm_load_si128(four + 3)));
      if (_mm_testz_si128(some, some) != 0) {
        word += 16;
        continue;
      }
    }
    forget_word(word++);
  }
}

}  // namespace

void forget_objects(address low, std::size_t size) noexcept {
  if (size == 0) return;
  std::uint32_t* word = meta_of(low);
  std::uint32_t* const end = meta_of(low + size - 1) + 1;
  constexpr std::size_t words_per_page = 4096 / sizeof *word;
  // Of a long range, most was never used: only pages that are there are looked at, 256 per question.
  while (static_cast<std::size_t>(end - word) > 3 * words_per_page) {
    constexpr std::size_t pages = 256;
    const address page = reinterpret_cast<address>(word) & ~address{4095};
    std::uint32_t* const stop =
        std::min(end, reinterpret_cast<std::uint32_t*>(page) + pages * words_per_page);
    unsigned char there[pages];
    const std::size_t bytes = (reinterpret_cast<address>(stop) - page + 4095) & ~address{4095};
    if (syscall(SYS_mincore, page, bytes, there) != 0) break;
    for (std::size_t i = 0; i != bytes / 4096; ++i) {
      if ((there[i] & 1) == 0) continue;
      auto* first = reinterpret_cast<std::uint32_t*>(page) + i * words_per_page;
      forget_words(std::max(first, word), std::min(first + words_per_page, stop));
    }
    word = stop;
  }
  forget_words(word, end);
}

void put_block(address start, heap_block block) noexcept {
  head_of(start).store(record_of(block) | block_bit, std::memory_order_release);
}

namespace {

heap_block* block_at(address start) noexcept {
  std::uint32_t number = head_of(start).load(std::memory_order_acquire);
  for (int steps = 0; number != 0 && steps != 1000; ++steps) {
    if ((number & block_bit) != 0) return &blocks[number & ~block_bit];
    number = objects[number].next.load(std::memory_order_relaxed);
  }
  return nullptr;
}

}  // namespace

bool find_block(address start, heap_block& out) noexcept {
  const heap_block* block = block_at(start);
  if (block != nullptr) out = *block;
  return block != nullptr;
}

bool find_block_around(address inside, address& start, heap_block& out) noexcept {
  constexpr address farthest = address{1} << 20;
  for (address at = inside & ~(address{meta_granule} - 1);; at -= meta_granule) {
    if (find_block(at, out)) {
      start = at;
      return inside < at + (out.size != 0 ? out.size : 1);
    }
    if (inside - at > farthest || at < meta_granule) return false;
  }
}

void catch_up_objects() noexcept {
  const std::uint32_t last = objects.last();
  for (std::uint32_t number = 1; number <= last; ++number) {
    object_record& object = objects[number];
    // Relaxed: a hint.
    if (object.where.load(std::memory_order_relaxed) == 0 || !object.lock.try_lock()) continue;
    object.clock.catch_up();
    if (object.as_lock != nullptr) object.as_lock->shared_releases.catch_up();
    object.lock.unlock();
  }
}

void repair_objects() noexcept {
  const std::uint32_t last = objects.last();
  for (std::uint32_t number = 1; number <= last; ++number) {
    object_record& object = objects[number];
    if (object.lock.try_lock()) {
      object.lock.unlock();
      continue;
    }
    // Its clock may be half changed: its nodes are lost.
    new (&object.clock) object_clock;
    if (object.as_lock != nullptr) new (&object.as_lock->shared_releases) object_clock;
    object.lock.reset();
  }
}

void lock_objects() noexcept {
  objects.lock();
  blocks.lock();
}
void unlock_objects() noexcept {
  objects.unlock();
  blocks.unlock();
}

}  // namespace gobench::detector
