#include "detector/engine/depot.hpp"

#include <atomic>

#include "detector/engine/memory.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {
namespace {

struct node {
  address pc;
  stack_id parent;
  std::atomic<stack_id> next;  // in its bucket
};

constexpr std::size_t node_capacity = std::size_t{1} << 25;
constexpr std::size_t bucket_count = std::size_t{1} << 18;
constexpr unsigned longest = 256;  // frames that are named; recursion has more

constinit table<node, node_capacity> nodes;
constinit std::atomic<stack_id>* buckets = nullptr;
constinit std::atomic<stack_id> last_node{0};

std::size_t bucket_of(stack_id parent, address pc) {
  const std::uint64_t mixed = (pc ^ (std::uint64_t{parent} << 40)) * 0x9e3779b97f4a7c15u;
  return (mixed ^ parent * 0x85ebca6bu) >> 46;
}
static_assert(bucket_count == std::size_t{1} << (64 - 46));

stack_id child(stack_id parent, address pc) {
  std::atomic<stack_id>& bucket = buckets[bucket_of(parent, pc)];
  // Pairs with the exchange below: a node is whole before it is in its bucket. Its members never change.
  stack_id first = bucket.load(std::memory_order_acquire);
  stack_id fresh = 0;
  for (;;) {
    for (stack_id id = first; id != 0; id = nodes[id].next.load(std::memory_order_relaxed))
      if (nodes[id].pc == pc && nodes[id].parent == parent)
        return id;  // a fresh one of ours is then lost
    if (fresh == 0) {
      fresh = last_node.fetch_add(1, std::memory_order_relaxed) + 1;
      if (fresh >= node_capacity)
        return parent;  // more stacks than anybody reads: the outer part is told
      nodes[fresh].pc = pc;
      nodes[fresh].parent = parent;
    }
    nodes[fresh].next.store(first, std::memory_order_relaxed);
    if (bucket.compare_exchange_strong(first, fresh, std::memory_order_acq_rel)) return fresh;
  }
}

}  // namespace

void reserve_depot() noexcept {
  nodes.reserve();
  buckets = static_cast<std::atomic<stack_id>*>(map_memory(bucket_count * sizeof(stack_id)));
}

stack_id stack_of(task_state& task, address pc) noexcept {
  frame* const first = task.frames;
  frame* const end = task.frame_next;
  frame* known = end;
  while (known != first && known[-1].node == 0 && end - known < longest) --known;
  stack_id id = known == first || known[-1].node == 0 ? 0 : known[-1].node;
  for (; known != end; ++known) known->node = id = child(id, known->pc);
  return pc == 0 ? id : child(id, pc);
}

stack_id stack_with(stack_id outer, address pc) noexcept { return child(outer, pc); }

std::vector<address> stack_at(stack_id id) {
  std::vector<address> pcs;
  for (; id != 0; id = nodes[id].parent) pcs.push_back(nodes[id].pc);
  return pcs;
}

}  // namespace gobench::detector
