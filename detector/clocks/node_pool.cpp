#include "detector/clocks/node_pool.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace gobench::detector::node_pool {

constinit places pool_at{};

namespace {

constexpr std::uint32_t batch_size = 32;
constexpr std::uint32_t nodes_per_chunk = 16384;  // 1 MiB of nodes, 64 KiB of counts: whole pages
constexpr std::size_t reserved_bytes = reserved_nodes * bytes_per_node;
static_assert(sizeof(std::atomic<std::uint32_t>) == 4 &&
              std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// Free nodes of one OS thread; two batches at most, so that a thread that takes and gives in turns does not
// go to the global list each time.
struct cache {
  node_index first;
  std::uint32_t size;
};
[[gnu::tls_model("initial-exec")]] constinit thread_local cache own{};

// Each in cache lines of its own: what is written often, apart from what every operation reads.
struct alignas(64) free_list {
  // Bits 0-31: number of the first node of the first batch. Bits 32-63: tag of the change.
  std::atomic<std::uint64_t> batches{0};
};
struct alignas(64) accounts {
  std::atomic<std::uint32_t> fresh{batch_size};  // first number never used; node 0 is left out
  std::atomic<std::uint32_t> committed_chunks{0};
  std::atomic<std::uint32_t> handed_out{0};  // nodes that are not in the global list
};
struct alignas(64) limits {
  std::atomic<std::size_t> nodes{0};
  std::atomic<std::uint32_t> press_from{max_clock_value};  // is_pressed() from so many handed out
  std::atomic<void (*)() noexcept> on_reduced{nullptr};
  std::atomic<std::size_t> reductions{0};
};
constinit free_list spare;
constinit accounts all;
constinit limits bound;

[[noreturn]] void die(const char* sentence) {
  // NOLINTNEXTLINE: nothing can be done about a failed write here.
  [[maybe_unused]] const auto written = ::write(2, sentence, std::strlen(sentence));
  std::abort();
}

void map_pool() {
  void* const place = ::mmap(nullptr, reserved_bytes, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (place == MAP_FAILED)
    die("gobench: no address space for the clocks of the race detector; raise the limit of 'ulimit "
        "-v' or lift it.\n");
  auto* const nodes = static_cast<clock_node*>(place);
  auto* const counts = reinterpret_cast<std::atomic<std::uint32_t>*>(nodes + reserved_nodes);
  // The counts follow from the nodes, so every thread that gets here stores the same pair in the end. Release
  // pairs with the acquire in grow(): who sees the nodes may use them.
  clock_node* none = nullptr;
  if (pool_at.nodes.compare_exchange_strong(none, nodes, std::memory_order_acq_rel,
                                            std::memory_order_acquire))
    pool_at.counts.store(counts, std::memory_order_release);
  else
    ::munmap(place, reserved_bytes);
}

void commit(std::uint32_t chunk) {
  auto* const nodes =
      pool_at.nodes.load(std::memory_order_relaxed) + std::size_t{chunk} * nodes_per_chunk;
  auto* const counts =
      pool_at.counts.load(std::memory_order_relaxed) + std::size_t{chunk} * nodes_per_chunk;
  if (::mprotect(nodes, nodes_per_chunk * sizeof(clock_node), PROT_READ | PROT_WRITE) != 0 ||
      ::mprotect(counts, nodes_per_chunk * sizeof *counts, PROT_READ | PROT_WRITE) != 0)
    die("gobench: no memory for the clocks of the race detector; lower its memory limit or give it "
        "more memory.\n");
}

// Nodes that never were used. Several threads may commit the same chunk: it is the same act twice.
void grow() {
  if (pool_at.nodes.load(std::memory_order_acquire) == nullptr) map_pool();
  // A thread that lost the race in map_pool() may be here before the winner has stored the other address.
  if (pool_at.counts.load(std::memory_order_acquire) == nullptr)
    pool_at.counts.store(reinterpret_cast<std::atomic<std::uint32_t>*>(
                             pool_at.nodes.load(std::memory_order_acquire) + reserved_nodes),
                         std::memory_order_release);
  // Relaxed: only the number matters; memory of nodes reaches other threads with the clocks that refer to them.
  const std::uint32_t begin = all.fresh.fetch_add(batch_size, std::memory_order_relaxed);
  if (begin >= reserved_nodes - batch_size)
    die("gobench: the clocks of the race detector need more than 8 GiB; lower its memory limit.\n");
  const std::uint32_t chunk = begin / nodes_per_chunk;
  if (all.committed_chunks.load(std::memory_order_acquire) <= chunk) {
    // Chunk by chunk, since a thread with a later number may be here before one with an earlier number.
    commit(chunk);
    std::uint32_t expected = chunk;
    all.committed_chunks.compare_exchange_strong(expected, chunk + 1, std::memory_order_acq_rel,
                                                 std::memory_order_relaxed);
  }
  all.handed_out.fetch_add(batch_size, std::memory_order_relaxed);
  for (std::uint32_t i = 0; i != batch_size; ++i)
    at(begin + i).word[0] = i + 1 == batch_size ? 0 : begin + i + 1;
  own = {begin, batch_size};
}

void push_batch(node_index first, std::uint32_t size) {
  at(first).word[1] = size;
  std::uint64_t head = spare.batches.load(std::memory_order_relaxed);
  std::uint64_t next = 0;
  do {
    count_of(first).store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
    next = ((head >> 32) + 1) << 32 | first;
    // Release pairs with the acquire in pop_batch(): the chain and the memory of its nodes.
  } while (!spare.batches.compare_exchange_weak(head, next, std::memory_order_release,
                                                std::memory_order_relaxed));
  all.handed_out.fetch_sub(size, std::memory_order_relaxed);
}

bool pop_batch() {
  std::uint64_t head = spare.batches.load(std::memory_order_acquire);
  for (;;) {
    const auto first = static_cast<node_index>(head);
    if (first == 0) return false;
    // May be the count of a node that is in use again; then the tag has changed and the exchange fails.
    const std::uint32_t after = count_of(first).load(std::memory_order_relaxed);
    const std::uint64_t next = ((head >> 32) + 1) << 32 | after;
    if (!spare.batches.compare_exchange_weak(head, next, std::memory_order_acquire,
                                             std::memory_order_acquire))
      continue;
    own = {first, at(first).word[1]};
    all.handed_out.fetch_add(own.size, std::memory_order_relaxed);
    return true;
  }
}

}  // namespace

node_index take() noexcept {
  if (own.first == 0 && !pop_batch()) grow();
  const node_index n = own.first;
  own.first = at(n).word[0];
  --own.size;
  count_of(n).store(1, std::memory_order_relaxed);  // nobody else has its number yet
  return n;
}

void give(node_index n) noexcept {
  if (own.size >= 2 * batch_size) {
    // The newer half goes, found in one walk; the older half stays.
    node_index last = own.first;
    for (std::uint32_t i = 1; i != batch_size; ++i) last = at(last).word[0];
    const node_index first = own.first;
    own = {at(last).word[0], own.size - batch_size};
    at(last).word[0] = 0;
    push_batch(first, batch_size);
  }
  at(n).word[0] = own.first;
  own.first = n;
  ++own.size;
}

void thread_exit() noexcept {
  if (own.first != 0) push_batch(own.first, own.size);
  own = {};
}

void set_limit(std::size_t bytes, void (*reduced)() noexcept) noexcept {
  const std::size_t nodes = bytes / bytes_per_node;
  bound.on_reduced.store(reduced, std::memory_order_release);
  bound.nodes.store(nodes, std::memory_order_relaxed);
  const std::size_t from = bytes == 0 ? max_clock_value : nodes - nodes / 4;
  bound.press_from.store(static_cast<std::uint32_t>(std::min<std::size_t>(from, max_clock_value)),
                         std::memory_order_relaxed);
}

bool is_pressed() noexcept {
  return all.handed_out.load(std::memory_order_relaxed) >=
         bound.press_from.load(std::memory_order_relaxed);
}

void note_reduction() noexcept {
  // What clocks hold that nobody touches comes back late or never. So that they do not make every operation of
  // all others reduce precision, the next reduction is a sixteenth of the limit away, up to the limit itself.
  const std::size_t limit = bound.nodes.load(std::memory_order_relaxed);
  const std::size_t used = all.handed_out.load(std::memory_order_relaxed);
  const std::size_t from = std::min(limit, std::max(limit - limit / 4, used + limit / 16));
  if (limit != 0)
    bound.press_from.store(static_cast<std::uint32_t>(from), std::memory_order_relaxed);
  bound.reductions.fetch_add(1, std::memory_order_relaxed);
  if (auto* const call = bound.on_reduced.load(std::memory_order_acquire)) call();
}

std::size_t reductions() noexcept { return bound.reductions.load(std::memory_order_relaxed); }

std::size_t bytes_in_use() noexcept {
  return std::size_t{all.handed_out.load(std::memory_order_relaxed)} * bytes_per_node;
}

std::size_t bytes_committed() noexcept {
  return std::size_t{all.committed_chunks.load(std::memory_order_relaxed)} * nodes_per_chunk *
         bytes_per_node;
}

}  // namespace gobench::detector::node_pool
