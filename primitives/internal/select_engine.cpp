#include "primitives/internal/select_engine.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "primitives/channel_error.hpp"
#include "runtime/instrument.hpp"
#include "runtime/park.hpp"
#include "runtime/random.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {
namespace {

// After so many rounds of passes 1 and 2 without a result the locks decide: others may change the
// channels as fast as we look.
constexpr int looks_before_locks = 4;

// The cases that may be ready, in no order; kept in the entries themselves.
class candidates {
 public:
  explicit candidates(select_entry* entries) noexcept : entries_(entries) {}

  bool empty() const noexcept { return count_ == 0; }
  void add(select_entry& e) noexcept { entries_[count_++].candidate = &e; }

  // Takes out one of them, each with the same probability.
  select_entry& draw() noexcept {
    std::size_t i = 0;
    if (count_ != 1)
      i = instrument::explored() ? instrument::choose(count_)
                                 : runtime::this_random().below(static_cast<std::uint32_t>(count_));
    select_entry& drawn = *entries_[i].candidate;
    entries_[i].candidate = entries_[--count_].candidate;
    return drawn;
  }

 private:
  select_entry* entries_;
  std::size_t count_ = 0;
};

class select_run {
 public:
  explicit select_run(select_plan& plan) noexcept
      : first_(plan.entries), end_(plan.entries + plan.count) {}

  // Pass 1 after a look. True if a case was done; result_ and done_ say which and how.
  bool do_one_that_looked_ready() {
    candidates ready(first_);
    for (select_entry* e = first_; e != end_; ++e) {
      if (e->looks_ready()) ready.add(*e);
    }
    while (!ready.empty()) {
      select_entry& e = ready.draw();
      const channel_result result =
          e.is_send() ? e.channel->send_now(e.element) : e.channel->recv_now(e.element);
      if (result != channel_result::not_ready) return finished(e, result);
    }
    return false;
  }
  // Looks again. True if a case looks ready.
  bool look() noexcept {
    bool any = false;
    for (select_entry* e = first_; e != end_; ++e) {
      e->look();
      any |= e->looks_ready();
    }
    return any;
  }

  // Pass 2, after a look at which no case was ready. True if there was a moment at which none was.
  bool nothing_was_ready() const noexcept {
    full_barrier();
    return std::all_of(first_, end_,
                       [](const select_entry& e) { return e.channel->status() == e.seen; });
  }

  // Pass 3 for `otherwise`: the same question, answered under the locks.
  bool do_one_locked() {
    sort();
    lock_all();
    return step_or_unlock(true);
  }

  // Pass 3. True if a case was done instead of standing in the queues.
  bool enqueue_or_do_one(parked_operation& operation) {
    lock_all();
    if (step_or_unlock(false)) return true;
    enqueue(operation);
    unlock_all();
    return false;
  }

  // Passes 3 and 4. False when the time is over first.
  bool wait_for_one(std::chrono::nanoseconds timeout, bool timed) {
    sort();
    parked_operation operation(runtime::this_waiter(), true);
    const steady_time deadline = timed ? channel_deadline(timeout) : runtime::no_deadline;
    return enqueue_or_do_one(operation) || park(operation, deadline);
  }

  // Pass 4, once the waiter was woken or gives up. True when it is over; done_ is null if it has given up.
  bool settle(parked_operation& operation, runtime::park_result why) noexcept {
    if (!operation.is(operation_state::done)) {
      if (why == runtime::park_result::woken) return false;
      if (operation.cancel()) {
        leave(nullptr);
        return true;
      }
      await_delivery(operation);
    }
    select_entry* fired = first_;
    while (&fired->node != operation.fired) ++fired;
    leave(fired);
    if (operation.moved) {
      channel_hooks::woke(fired->node);
    } else if (!fired->is_send()) {
      channel_hooks::saw_closed(fired->channel);
    }
    return finished(*fired, operation.moved ? channel_result::done : channel_result::closed);
  }

  select_end end() const noexcept { return {done_, result_}; }

  // After a case was done.
  select_outcome outcome() const { return outcome_of(*done_, result_); }
  static select_outcome outcome_of(const select_entry& done, channel_result result) {
    if (done.is_send() && result == channel_result::closed)
      throw channel_error(channel_error::send_on_closed);
    return {done.position, result == channel_result::done};
  }

  // All by address. Cases on the same channel come in random order, so that none of them is served first
  // whenever the select has to wait.
  void sort() noexcept {
    std::size_t made = 0;
    runtime::random_source& random = runtime::this_random();
    for (select_entry* e = first_; e != end_; ++e) {
      const std::size_t j = random.below(static_cast<std::uint32_t>(made + 1));
      first_[made++].in_order = first_[j].in_order;
      first_[j].in_order = e;
    }
    // By insertion: selects are short, and cases are often given in order.
    for (select_entry* e = first_; e != end_; ++e) {
      select_entry* moving = e->in_order;
      select_entry* gap = e;
      while (gap != first_ && std::less<>()(moving->channel, gap[-1].in_order->channel)) {
        gap->in_order = gap[-1].in_order;
        --gap;
      }
      gap->in_order = moving;
    }
  }

 private:
  bool finished(select_entry& e, channel_result result) noexcept {
    done_ = &e;
    result_ = result;
    return true;
  }

  // Calls use(channel) once for each channel, in the order of their addresses.
  template <class Use>
  void for_each_channel(Use use) {
    const channel_core* previous = nullptr;
    for (select_entry* e = first_; e != end_; ++e) {
      channel_core* channel = e->in_order->channel;
      if (channel != previous) use(*channel);
      previous = channel;
    }
  }
  void lock_all() noexcept {
    for_each_channel([](channel_core& channel) { channel.lock(); });
  }
  void unlock_all() noexcept {
    for_each_channel([](channel_core& channel) { channel.unlock(); });
  }

  // With all locks held. Does a case if one is ready, and drops the locks then; otherwise drops them if
  // `always`.
  bool step_or_unlock(bool always) {
    candidates ready(first_);
    for (select_entry* e = first_; e != end_; ++e) {
      if (e->is_send() ? e->channel->can_send() : e->channel->can_receive()) ready.add(*e);
    }
    while (!ready.empty()) {
      select_entry& e = ready.draw();
      // A send on an unbounded channel does not come here: pass 1 cannot fail to do it.
      const channel_core::match m =
          e.is_send() ? e.channel->send_step(e.element) : e.channel->recv_step(e.element);
      // The only partner may have been claimed on another channel meanwhile.
      if (m.result == channel_result::not_ready) continue;
      unlock_all();
      if (e.is_send()) {
        e.channel->finish_send(m, e.element);
      } else {
        e.channel->finish_recv(m, e.element);
      }
      return finished(e, m.result);
    }
    if (always) unlock_all();
    return false;
  }

  static channel_queue& queue_of(const select_entry& e) noexcept {
    return e.is_send() ? e.channel->senders() : e.channel->receivers();
  }

  void enqueue(parked_operation& operation) noexcept {
    for (select_entry* e = first_; e != end_; ++e) {
      select_entry& next = *e->in_order;
      next.node.prepare(operation, next.element);
      channel_hooks::parks(next.node);
      queue_of(next).push_back(next.node);
    }
  }

  bool park(parked_operation& operation, steady_time deadline) {
    const runtime::wait_info why{runtime::wait_reason::select, first_->channel};
    for (;;) {
      runtime::park_result result{};
      try {
        result = runtime::park(*operation.who, why, deadline);
      } catch (...) {
        // Waiting is not allowed here at all. But if somebody has served us meanwhile, then we did not wait.
        if (operation.cancel()) {
          leave(nullptr);
          throw;
        }
        await_delivery(operation);
      }
      if (!settle(operation, result)) continue;
      if (done_ == nullptr && result == runtime::park_result::ended) runtime::throw_ended();
      return done_ != nullptr;
    }
  }

  // Takes our nodes out of the queues in which they still stand.
  void leave(const select_entry* fired) noexcept {
    for (select_entry* e = first_; e != end_; ++e) {
      if (e == fired || e->node.orphaned.load(std::memory_order_relaxed)) continue;
      e->channel->lock();
      if (e->node.queued) queue_of(*e).remove(e->node);
      e->channel->unlock();
    }
  }

  select_entry* first_;
  select_entry* end_;
  select_entry* done_ = nullptr;
  channel_result result_ = channel_result::not_ready;
};

// No case is on a channel that is not nil.
select_outcome run_without_channels(const select_plan& plan) {
  if (plan.otherwise_position >= 0) return {plan.otherwise_position, false};
  if (plan.after_position < 0) wait_for_ever(runtime::wait_reason::select_nothing);
  wait_in_vain(runtime::wait_reason::select, plan.timeout);
  return {plan.after_position, false};
}

}  // namespace

void select_plan::refuse_second_otherwise() {
  throw misuse("a select takes one otherwise() at most");
}

namespace {

bool is_timed(const select_plan& plan) noexcept { return plan.after_position >= 0; }
// A time that is over at once asks the same question as `otherwise`.
bool may_wait(const select_plan& plan) noexcept {
  return plan.otherwise_position < 0 && !(is_timed(plan) && plan.timeout <= plan.timeout.zero());
}
// The position that is taken when no case is done.
int without(const select_plan& plan) noexcept {
  return plan.otherwise_position >= 0 ? plan.otherwise_position : plan.after_position;
}

// Passes 1 to 3 of a select that does not wait. False when it is to be done without a case.
bool do_one_or_none(select_run& run, bool looks_ready) {
  for (int looks = 1;; ++looks) {
    if (!looks_ready) {
      if (run.nothing_was_ready()) return false;
    } else if (run.do_one_that_looked_ready()) {
      return true;
    }
    if (looks == looks_before_locks) break;
    looks_ready = run.look();
  }
  return run.do_one_locked();
}

}  // namespace

select_outcome run_select(select_plan& plan) {
  GOBENCH_OPERATION(select, nullptr);
  if (plan.count == 0) return run_without_channels(plan);
  select_run run(plan);
  if (may_wait(plan)) {
    if (plan.looks_ready && run.do_one_that_looked_ready()) return run.outcome();
    if (run.wait_for_one(plan.timeout, is_timed(plan))) return run.outcome();
  } else if (do_one_or_none(run, plan.looks_ready)) {
    return run.outcome();
  }
  return {without(plan), false};
}

bool begin_select(select_plan& plan, parked_operation& operation, select_end& end) {
  const bool waits = may_wait(plan);
  if (plan.count == 0) return waits;
  select_run run(plan);
  if (waits) {
    if (!plan.looks_ready || !run.do_one_that_looked_ready()) {
      run.sort();
      if (!run.enqueue_or_do_one(operation)) return true;
    }
  } else {
    static_cast<void>(do_one_or_none(run, plan.looks_ready));
  }
  end = run.end();
  return false;
}

bool settle_select(select_plan& plan, parked_operation& operation, runtime::park_result why,
                   select_end& end) noexcept {
  if (plan.count == 0) return why != runtime::park_result::woken;
  select_run run(plan);
  if (!run.settle(operation, why)) return false;
  end = run.end();
  return true;
}

select_outcome outcome_of(const select_plan& plan, const select_end& end) {
  if (end.done == nullptr) return {without(plan), false};
  return select_run::outcome_of(*end.done, end.result);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
