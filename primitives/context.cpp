#include "primitives/context.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "runtime/instrument.hpp"
#include "runtime/spin_lock.hpp"
#include "runtime/timer_action.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace primitives {

// Invariants
//  - The tree: a parent holds its children (kept_), a child only looks at its parent (parent_). Children stand in
//    the parent's list, under the parent's lock_, exactly while in_list_; whoever takes one out owes it
//    what kept_ held.
//  - reason_ is set once, under lock_, and then the list is emptied in the same hold; no child enters it after
//    that. done_ is closed by whoever set it, right after.
//  - settled_ is set when all that descended from the context by then are cancelled.
//  - Locks of two contexts are never held together. Under a lock there are a few instructions, apart from
//    emptying a list, which is as long as the list is.
//  - Trees may be deep and stacks are small, so neither cancelling nor the end of a context recurses.
class context_state : public std::enable_shared_from_this<context_state> {
 public:
  explicit context_state(steady_time deadline) noexcept : deadline_(deadline) {}
  context_state(const context_state&) = delete;
  context_state& operator=(const context_state&) = delete;
  ~context_state();

  receiver<unit> done() const noexcept { return done_; }
  steady_time deadline() const noexcept { return deadline_; }

  context_error reason() const noexcept {
    // Acquire pairs with the store in settle_on(). It is no reason yet while done_ is open: a few
    // instructions later, it will be.
    const context_error seen = reason_.load(std::memory_order_acquire);
    if (seen == context_error::none || !done_.closed()) return context_error::none;
    GOBENCH_HOOK(acquire(this));
    return seen;
  }

  // Makes `child`, which nobody knows yet, one of ours; cancels it when we are cancelled.
  void adopt(context_state& child) {
    context_error why = context_error::none;
    {
      const std::scoped_lock held(lock_);
      GOBENCH_HOOK(acquire(this));
      why = reason_.load(std::memory_order_relaxed);  // written under lock_
      if (why == context_error::none) {
        child.parent_ = weak_from_this();
        child.kept_ = child.shared_from_this();
        push(child);
      }
      GOBENCH_HOOK(release_merge(this));
    }
    if (why != context_error::none) child.cancel(why);
  }

  void cancel(context_error why) noexcept;
  // Cancels it at its deadline; throws what timers throw.
  void start_timer();

 private:
  class deadline_action;

  // Those taken out of lists, linked through next_, first in first out.
  struct chain {
    context_state* first = nullptr;
    context_state* last = nullptr;

    void add(context_state& one) noexcept {
      one.next_ = nullptr;
      (last == nullptr ? first : last->next_) = &one;
      last = &one;
    }
    std::shared_ptr<context_state> take() noexcept {
      context_state& one = *first;
      first = one.next_;
      if (first == nullptr) last = nullptr;
      return std::move(one.kept_);
    }
  };

  void push(context_state& child) noexcept {
    child.in_list_ = true;
    child.previous_ = nullptr;
    child.next_ = children_;
    if (children_ != nullptr) children_->previous_ = &child;
    children_ = &child;
  }

  // Under lock_.
  void move_children_to(chain& taken) noexcept {
    for (context_state* child = children_; child != nullptr;) {
      context_state* next = child->next_;
      child->in_list_ = false;
      taken.add(*child);
      child = next;
    }
    children_ = nullptr;
  }

  void leave_parent() noexcept;
  bool settle_on(context_error why, chain& descendants) noexcept;

  const steady_time deadline_;
  const chan<unit> done_ = make_chan<unit>();
  std::atomic<context_error> reason_{context_error::none};
  std::atomic<bool> settled_{false};
  runtime::action_ref<runtime::timer_action> timer_;  // stopped when it is cancelled
  runtime::spin_lock lock_;
  context_state* children_ = nullptr;  // under lock_

  std::weak_ptr<context_state> parent_;  // written before anybody knows us
  // Under the parent's lock, or whoever has taken us out of its list.
  std::shared_ptr<context_state> kept_;
  context_state* next_ = nullptr;
  context_state* previous_ = nullptr;
  bool in_list_ = false;
};

// Keeps the context until its deadline has come, or it is stopped because that has become pointless.
class context_state::deadline_action final : public runtime::timer_action {
 public:
  explicit deadline_action(std::shared_ptr<context_state> whose) noexcept
      : whose_(std::move(whose)) {}

 private:
  void act() override { whose_->cancel(context_error::deadline_exceeded); }
  void forgotten() noexcept override { whose_.reset(); }

  std::shared_ptr<context_state> whose_;
};

void context_state::start_timer() {
  const runtime::action_ref<runtime::timer_action> timer(new deadline_action(shared_from_this()));
  timer->start(deadline_);
  {
    const std::scoped_lock held(lock_);
    // Relaxed: written under lock_.
    if (reason_.load(std::memory_order_relaxed) == context_error::none) {
      timer_ = timer;
      return;
    }
  }
  timer->stop();  // too late: it is cancelled by now
}

// Cancels this one alone and adds its children to those who are next. False when it was cancelled before.
bool context_state::settle_on(context_error why, chain& descendants) noexcept {
  runtime::action_ref<runtime::timer_action> timer;
  {
    const std::scoped_lock held(lock_);
    GOBENCH_HOOK(acquire(this));
    GOBENCH_HOOK(release_merge(this));
    if (reason_.load(std::memory_order_relaxed) != context_error::none) return false;
    reason_.store(why, std::memory_order_release);  // pairs with reason()
    timer = std::move(timer_);
    move_children_to(descendants);
  }
  done_.close();
  if (timer) timer->stop();
  return true;
}

void context_state::leave_parent() noexcept {
  const std::shared_ptr<context_state> parent = parent_.lock();
  if (parent == nullptr) return;
  std::shared_ptr<context_state> kept;  // let go after the lock
  const std::scoped_lock held(parent->lock_);
  if (!in_list_) return;  // whoever has taken us out waits for us to be settled
  in_list_ = false;
  (previous_ == nullptr ? parent->children_ : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  kept = std::move(kept_);
}

// Whoever calls holds a reference. Waiting goes down the tree only, so two cancels never wait for each other.
void context_state::cancel(context_error why) noexcept {
  const auto wait_settled = [](const context_state& other) {
    // Acquire pairs with the store below.
    for (unsigned round = 0; !other.settled_.load(std::memory_order_acquire); ++round)
      runtime::relax(round);
  };
  const auto settled = [](context_state& one) {
    one.settled_.store(true, std::memory_order_release);  // pairs with wait_settled()
  };
  chain descendants;
  if (!settle_on(why, descendants)) {
    wait_settled(*this);
    return;
  }
  leave_parent();
  chain cancelled;  // by us, whose descendants may not be yet
  chain others;     // cancelled by others at this moment
  while (descendants.first != nullptr) {
    std::shared_ptr<context_state> one = descendants.take();
    context_state& next = *one;
    (next.settle_on(why, descendants) ? cancelled : others).add(next);
    next.kept_ = std::move(one);
  }
  while (others.first != nullptr) wait_settled(*others.take());
  while (cancelled.first != nullptr) settled(*cancelled.take());
  settled(*this);
}

// Nobody has a reference: our list is ours alone. A child may still come to leave it, and finds that it has
// gone from it.
context_state::~context_state() {
  chain orphans;
  move_children_to(orphans);
  while (orphans.first != nullptr) {
    const std::shared_ptr<context_state> one = orphans.take();
    if (one.use_count() != 1) continue;
    // It ends with this round. Its own children are taken over, or they would end on top of our stack.
    const std::scoped_lock held(one->lock_);
    one->move_children_to(orphans);
  }
}

}  // namespace primitives

const char* to_string(context_error reason) noexcept {
  switch (reason) {
    case context_error::none:
      return "not cancelled";
    case context_error::cancelled:
      return "cancelled";
    case context_error::deadline_exceeded:
      return "deadline exceeded";
  }
  return "cancelled";
}

context::context(std::shared_ptr<primitives::context_state> state) noexcept
    : state_(std::move(state)) {}
context::context(const context& other) noexcept = default;
context::context(context&& other) noexcept = default;
context& context::operator=(const context& other) noexcept {
  GOBENCH_INTERNAL_SCOPE();
  if (this != &other) state_ = other.state_;
  return *this;
}
context& context::operator=(context&& other) noexcept {
  GOBENCH_INTERNAL_SCOPE();
  state_ = std::move(other.state_);
  return *this;
}
context::~context() {
  GOBENCH_INTERNAL_SCOPE();
  state_.reset();
}

receiver<unit> context::done() const noexcept {
  GOBENCH_INTERNAL_SCOPE();
  return state_ == nullptr ? receiver<unit>() : state_->done();
}

context_error context::err() const noexcept {
  GOBENCH_OPERATION(other, nullptr);
  return state_ == nullptr ? context_error::none : state_->reason();
}

std::optional<steady_time> context::deadline() const noexcept {
  if (state_ == nullptr || state_->deadline() == runtime::no_deadline) return std::nullopt;
  return state_->deadline();
}

void cancel_function::operator()() const noexcept {
  GOBENCH_OPERATION(close, nullptr);
  if (whose_.state_ != nullptr) whose_.state_->cancel(context_error::cancelled);
}

cancellable with_cancel(const context& parent) {
  GOBENCH_INTERNAL_SCOPE();
  const steady_time inherited = parent.deadline().value_or(runtime::no_deadline);
  context made(std::make_shared<primitives::context_state>(inherited));
  if (parent.state_ != nullptr) parent.state_->adopt(*made.state_);
  return cancellable(std::move(made));
}

cancellable with_deadline(const context& parent, steady_time when) {
  GOBENCH_INTERNAL_SCOPE();
  if (when >= parent.deadline().value_or(runtime::no_deadline)) return with_cancel(parent);
  context made(std::make_shared<primitives::context_state>(when));
  primitives::context_state& state = *made.state_;
  if (parent.state_ != nullptr) parent.state_->adopt(state);
  if (primitives::passed(when)) {
    state.cancel(context_error::deadline_exceeded);
  } else if (state.reason() == context_error::none) {
    try {
      state.start_timer();
    } catch (...) {
      state.cancel(context_error::cancelled);  // its parent lets it go
      throw;
    }
  }
  return cancellable(std::move(made));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
