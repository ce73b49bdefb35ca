// The parts of a channel that are not in a hurry: waiting, closing, and what nil channels do.
#include <atomic>

#include "primitives/channel_error.hpp"
#include "primitives/internal/channel_core.hpp"
#include "runtime/instrument.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// ---- waiting ----

bool channel_core::begin_send(parked_operation& operation, channel_node& node, void* from,
                              channel_result& result) {
  node.prepare(operation, from);
  lock();
  const match m = send_step(from);
  if (m.result != channel_result::not_ready) {
    unlock();
    finish_send(m, from);
    result = m.result;
    return false;
  }
  channel_hooks::parks_to_send(this, node);
  senders_.push_back(node);
  unlock();
  return true;
}

bool channel_core::begin_recv(parked_operation& operation, channel_node& node, void* to,
                              channel_result& result) {
  node.prepare(operation, to);
  lock();
  const match m = recv_step(to);
  if (m.result != channel_result::not_ready) {
    unlock();
    finish_recv(m, to);
    result = m.result;
    return false;
  }
  channel_hooks::parks(node);
  receivers_.push_back(node);
  unlock();
  return true;
}

bool channel_core::settle_send(parked_operation& operation, channel_node& node,
                               runtime::park_result why, channel_result& result) noexcept {
  return settle(operation, node, senders_, why, result);
}

bool channel_core::settle_recv(parked_operation& operation, channel_node& node,
                               runtime::park_result why, channel_result& result) noexcept {
  if (!settle(operation, node, receivers_, why, result)) return false;
  if (result == channel_result::closed) channel_hooks::saw_closed(this);
  return true;
}

channel_result channel_core::park_send(void* from, steady_time deadline) {
  parked_operation operation(runtime::this_waiter(), false);
  channel_node node;
  channel_result result{};
  if (!begin_send(operation, node, from, result)) return result;
  return wait(operation, node, senders_, runtime::wait_reason::chan_send, deadline);
}

channel_result channel_core::park_recv(void* to, steady_time deadline) {
  parked_operation operation(runtime::this_waiter(), false);
  channel_node node;
  channel_result result{};
  if (!begin_recv(operation, node, to, result)) return result;
  result = wait(operation, node, receivers_, runtime::wait_reason::chan_recv, deadline);
  if (result == channel_result::closed) channel_hooks::saw_closed(this);
  return result;
}

channel_result channel_core::wait(parked_operation& operation, channel_node& node,
                                  channel_queue& queue, runtime::wait_reason reason,
                                  steady_time deadline) {
  for (;;) {
    runtime::park_result why{};
    try {
      why = runtime::park(*operation.who, {reason, this}, deadline);
    } catch (...) {
      // Waiting is not allowed here at all. But if somebody has served us meanwhile, then we did not wait.
      if (leave(node, queue)) throw;
      await_delivery(operation);
    }
    channel_result result{};
    if (!settle(operation, node, queue, why, result)) continue;
    if (result == channel_result::not_ready && why == runtime::park_result::ended)
      runtime::throw_ended();
    return result;
  }
}

bool channel_core::settle(parked_operation& operation, channel_node& node, channel_queue& queue,
                          runtime::park_result why, channel_result& result) noexcept {
  if (!operation.is(operation_state::done)) {
    if (why == runtime::park_result::woken) return false;
    if (leave(node, queue)) {
      result = channel_result::not_ready;
      return true;
    }
    await_delivery(operation);
  }
  result = operation.moved ? channel_result::done : channel_result::closed;
  if (operation.moved) channel_hooks::woke(node);
  return true;
}

// Takes the caller's node out because it gives up. False if it was claimed already. When the channel is
// gone, there is nothing to leave.
bool channel_core::leave(channel_node& node, channel_queue& queue) noexcept {
  if (node.orphaned.load(std::memory_order_relaxed)) return true;
  lock();
  const bool left = node.queued;
  if (left) queue.remove(node);
  unlock();
  return left;
}

// ---- closing ----

void channel_core::close() {
  GOBENCH_OPERATION(close, this);
  channel_node* woken = nullptr;
  channel_node** last = &woken;
  lock();
  if (is_closed()) {
    channel_hooks::closes_in_vain(this);
    unlock();
    throw channel_error(channel_error::close_of_closed);
  }
  channel_hooks::closed(this);
  limit_ = 0;
  // publish() brings the other bits up to date. Relaxed: seeing closed() is no edge, and whoever fails or
  // succeeds because of it takes the lock.
  status_.store((status(std::memory_order_relaxed) + version_step) | closed_bit,
                std::memory_order_relaxed);
  for (channel_queue* queue : {&receivers_, &senders_}) {
    while (channel_node* node = queue->claim_first()) {
      node->next = nullptr;
      *last = node;
      last = &node->next;
    }
  }
  unlock();
  while (woken != nullptr) {
    channel_node* node = woken;
    woken = node->next;  // the node may be gone after deliver()
    deliver(*node, false);
  }
}

// ---- the rest ----

void await_delivery(const parked_operation& operation) noexcept {
  for (unsigned round = 0; !operation.is(operation_state::done); ++round) runtime::relax(round);
}

void full_barrier() noexcept {
#if defined(GOBENCH_FLAVOUR_TSAN)
  // ThreadSanitizer does not know fences; the locked operation is as good on the CPUs it runs on.
  std::atomic<int> somewhere{0};
  somewhere.fetch_add(1, std::memory_order_seq_cst);
#else
  std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
}

void wait_for_ever(runtime::wait_reason reason) {
  GOBENCH_INTERNAL_SCOPE();
  runtime::waiter& self = runtime::this_waiter();
  while (runtime::park(self, {reason, nullptr}) != runtime::park_result::ended) {
  }
  runtime::throw_ended();
}

void wait_in_vain(runtime::wait_reason reason, std::chrono::nanoseconds d) {
  GOBENCH_INTERNAL_SCOPE();
  if (d <= d.zero()) return;
  const steady_time deadline = channel_deadline(d);
  runtime::waiter& self = runtime::this_waiter();
  for (;;) {
    switch (runtime::park(self, {reason, nullptr}, deadline)) {
      case runtime::park_result::woken:
        break;
      case runtime::park_result::timed_out:
        return;
      case runtime::park_result::ended:
        runtime::throw_ended();
    }
  }
}

steady_time channel_deadline(std::chrono::nanoseconds d) {
  return d == std::chrono::nanoseconds::max() ? runtime::no_deadline : runtime::deadline_after(d);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
