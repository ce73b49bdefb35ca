#include "primitives/once.hpp"

#include <mutex>

namespace gobench::inline GOBENCH_FLAVOUR {
namespace {

// Values of wait_node::kind.
constexpr std::uint8_t finished = 0;
constexpr std::uint8_t your_turn = 1;

}  // namespace

__attribute__((noinline)) bool once::begin() {
  primitives::wait_node node(runtime::this_waiter());
  std::unique_lock held(lock_);
  // Relaxed: done_ is written under lock_.
  if (done_.load(std::memory_order_relaxed)) return false;
  if (!running_) {
    running_ = true;
    return true;
  }
  queue_.push_back(node);
  const primitives::wait_outcome outcome = primitives::wait_granted(
      queue_, node, held, {runtime::wait_reason::once, this}, runtime::no_deadline, [] {});
  if (outcome == primitives::wait_outcome::ended) runtime::throw_ended();
  return node.kind == your_turn;
}

__attribute__((noinline)) void once::finish(bool succeeded) noexcept {
  GOBENCH_HOOK(release(this));
  primitives::claimed_list woken;
  {
    const std::scoped_lock held(lock_);
    if (succeeded) {
      done_.store(true, std::memory_order_release);  // pairs with the acquire in call()
      running_ = false;
      while (primitives::wait_node* node = queue_.pop_front()) {
        node->kind = finished;
        woken.add(*node);
      }
    } else if (primitives::wait_node* next = queue_.pop_front()) {
      next->kind = your_turn;
      woken.add(*next);
    } else {
      running_ = false;
    }
  }
  woken.grant_all();
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
