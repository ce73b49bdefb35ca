#include "runtime/timer_action.hpp"

#include <mutex>

#include "runtime/instrument.hpp"
#include "runtime/internal/timer_heap.hpp"
#include "runtime/run.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

std::int64_t in_ns(steady_time when) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
}
steady_time at_ns(std::int64_t ns) noexcept { return steady_time(std::chrono::nanoseconds(ns)); }

}  // namespace

// One per process; its task lives while something is pending.
//
// Invariants, under lock_
//  - idle: no task, nothing in the heap, nobody expected. starting: one caller is at it, the others wait for
//    a few instructions (or the start of a thread). running: the task is alive, or its run was abandoned.
//  - An action is added only by one who is `expected_`, and while somebody is, the task does not end. So no
//    action is added to a heap that nobody looks at.
//  - generation_ counts the tasks. When one ends before its time, those it expected are told by that.
//  - until_ns_ is what the task parks for, or is about to; nobody has to wake it for what comes later.
class timer_service {
 public:
  static timer_service& instance() {
    // Never destroyed: a thread of the user may outlive main().
    static auto& one = *new timer_service;
    return one;
  }

  // What start() needs to know before it changes anything. Ends by commit() or by its destructor.
  class expectation {
   public:
    explicit expectation(timer_service& home) : home_(home), generation_(home.expect()) {}
    expectation(const expectation&) = delete;
    expectation& operator=(const expectation&) = delete;
    ~expectation() {
      if (open_) home_.expected_in_vain(generation_);
    }
    // Puts the action into the heap, which takes over a reference. False when the run has ended.
    bool commit(timer_action& action) noexcept {
      open_ = false;
      return home_.add(action, generation_);
    }

   private:
    timer_service& home_;
    const std::uint64_t generation_;
    bool open_ = true;
  };

  // Whether it was in the heap, so that its reference is the caller's now.
  bool remove(timer_action& action) noexcept { return heap_.remove(action.entry_); }

  // After a remove(): if nothing is pending any more, the task ends now and not at the time it waits for.
  void consider_ending() noexcept {
    waiter* task = nullptr;
    {
      const std::scoped_lock held(lock_);
      if (expected_ == 0 && until_ns_ != timer_heap::never && heap_.earliest() == timer_heap::never)
        task = task_;
    }
    if (task != nullptr) unpark(*task);
  }

 private:
  enum class phase : std::uint8_t { idle, starting, running };

  // The function of the service's task. However it comes to its end, the service is told.
  class body {
   public:
    body(timer_service& home, std::uint64_t generation) noexcept
        : home_(&home), generation_(generation) {}
    body(body&& other) noexcept
        : home_(std::exchange(other.home_, nullptr)), generation_(other.generation_) {}
    body& operator=(body&&) = delete;
    ~body() {
      if (home_ != nullptr) home_->ended(generation_);
    }
    void operator()() { home_->serve(); }

   private:
    timer_service* home_;
    std::uint64_t generation_;
  };

  std::uint64_t expect() {
    for (unsigned round = 0;; ++round) {
      std::unique_lock held(lock_);
      if (phase_ == phase::running && run_ != latest_run()) {
        // That run was abandoned, and our task with it.
        timer_action* forgotten = reset();
        held.unlock();
        forget(forgotten);
        continue;
      }
      if (phase_ == phase::starting) {
        held.unlock();
        relax(round);
        continue;
      }
      heap_.make_room(static_cast<std::size_t>(expected_) + 1);
      ++expected_;
      if (phase_ == phase::running) return generation_;
      phase_ = phase::starting;
      run_ = latest_run();
      const std::uint64_t mine = ++generation_;
      held.unlock();
      static_cast<void>(go(body(*this, mine)));  // when it throws, ended() has been told
      held.lock();
      if (generation_ == mine && phase_ == phase::starting) phase_ = phase::running;
      return mine;
    }
  }

  void expected_in_vain(std::uint64_t generation) noexcept {
    waiter* task = nullptr;
    {
      const std::scoped_lock held(lock_);
      if (generation_ != generation) return;
      if (--expected_ == 0 && heap_.earliest() == timer_heap::never) task = task_;
    }
    if (task != nullptr) unpark(*task);
  }

  bool add(timer_action& action, std::uint64_t generation) noexcept {
    waiter* task = nullptr;
    {
      const std::scoped_lock held(lock_);
      if (generation_ != generation) return false;
      --expected_;
      heap_.add(action.entry_);  // does not throw: expect() has made room
      if (action.entry_.when_ns < until_ns_) {
        until_ns_ = action.entry_.when_ns;
        task = task_;
      }
    }
    if (task != nullptr) unpark(*task);
    return true;
  }

  // Under lock_: nothing is pending, and there is no task. Returns those who were, linked.
  timer_action* reset() noexcept {
    timer_action* forgotten = nullptr;
    while (timer_entry* entry = heap_.take_due(timer_heap::never)) {
      timer_action& action = of(*entry);
      action.next_forgotten_ = forgotten;
      forgotten = &action;
    }
    phase_ = phase::idle;
    ++generation_;
    expected_ = 0;
    task_ = nullptr;
    until_ns_ = timer_heap::never;
    return forgotten;
  }

  void forget(timer_action* forgotten) noexcept {
    while (timer_action* action = forgotten) {
      forgotten = action->next_forgotten_;
      bool started_again = false;
      {
        const std::scoped_lock held(action->lock_);
        started_again = heap_.holds(action->entry_);
        if (!started_again) action->armed_ = false;
      }
      if (!started_again) action->forgotten();
      action->release();
    }
  }

  // The task is over: by itself, and then this finds another generation, or with its run.
  void ended(std::uint64_t generation) noexcept {
    GOBENCH_INTERNAL_SCOPE();
    std::unique_lock held(lock_);
    if (generation_ != generation) return;
    timer_action* forgotten = reset();
    held.unlock();
    forget(forgotten);
  }

  void serve() {
    GOBENCH_INTERNAL_SCOPE();
    waiter& self = this_waiter();
    {
      const std::scoped_lock held(lock_);
      task_ = &self;
    }
    for (;;) {
      const steady_time now = std::chrono::steady_clock::now();
      while (timer_entry* due = heap_.take_due(in_ns(now))) expire(of(*due), now);
      std::int64_t until = 0;
      {
        const std::scoped_lock held(lock_);
        // Not too late a time: who adds holds lock_. If it is too early a one, because somebody has just
        // removed the entry, then either we look once more than we need to, or consider_ending() is next.
        until = heap_.earliest();
        if (until == timer_heap::never && expected_ == 0) {
          static_cast<void>(reset());  // nothing to forget
          return;
        }
        until_ns_ = until;
      }
      const steady_time deadline = until == timer_heap::never ? no_deadline : at_ns(until);
      if (deadline <= std::chrono::steady_clock::now()) {
        // park() would return at once; a ticker that is faster than this loop must leave time for others.
        yield();
        continue;
      }
      if (park(self, {wait_reason::sleep, nullptr}, deadline) == park_result::ended) throw_ended();
    }
  }

  // Does what is due. The heap's reference is ours.
  void expire(timer_action& action, steady_time now) {
    struct reference {
      timer_action* held;
      ~reference() {
        if (held != nullptr) held->release();
      }
    } ours{&action};
    {
      const std::scoped_lock held(action.lock_);
      // Stopped, or started anew, since it was taken out of the heap.
      if (!action.armed_ || heap_.holds(action.entry_)) return;
      const instrument::acting_for whose(action.actor_.record());
      GOBENCH_HOOK(acquire(&action));  // who has started it
      action.on_time(now);
      action.armed_ = again(action, in_ns(now));
      if (action.armed_) {
        action.retain();
        heap_.add(action.entry_);
      }
    }
    const instrument::acting_for whose(action.actor_.record());
    action.act();
  }

  // Sets the next time of an action that is done again and again; false for one that is not, or never will.
  static bool again(timer_action& action, std::int64_t now_ns) noexcept {
    if (action.interval_ns_ == 0) return false;
    const std::int64_t missed = (now_ns - action.entry_.when_ns) / action.interval_ns_;
    return !__builtin_mul_overflow(action.interval_ns_, missed + 1, &now_ns) &&
           !__builtin_add_overflow(action.entry_.when_ns, now_ns, &action.entry_.when_ns);
  }

  static timer_action& of(timer_entry& entry) noexcept {
    return *static_cast<timer_action*>(entry.owner);
  }

  spin_lock lock_;
  phase phase_ = phase::idle;
  std::uint64_t generation_ = 0;
  std::uint64_t run_ = 0;
  int expected_ = 0;
  waiter* task_ = nullptr;
  std::int64_t until_ns_ = timer_heap::never;
  timer_heap heap_;
};

bool timer_action::withdraw() noexcept {
  const bool pending = armed_;
  armed_ = false;
  if (timer_service::instance().remove(*this)) release();  // the caller has another
  const instrument::acting_for whose(actor_.record());
  return take_back() || pending;
}

bool timer_action::start(steady_time when, std::chrono::nanoseconds interval) {
  GOBENCH_OPERATION(other, this);
  timer_service& service = timer_service::instance();
  if (when == no_deadline) {
    bool pending = false;
    {
      const std::scoped_lock held(lock_);
      pending = withdraw();
      GOBENCH_HOOK(release_merge(this));
      armed_ = true;
    }
    service.consider_ending();
    return pending;
  }
  timer_service::expectation expected(service);
  std::unique_lock held(lock_);
  const bool pending = withdraw();
  GOBENCH_HOOK(release_merge(this));
  entry_.when_ns = in_ns(when);
  interval_ns_ = interval.count();
  retain();
  armed_ = expected.commit(*this);
  if (!armed_) {
    held.unlock();
    forgotten();
    release();
  }
  return pending;
}

bool timer_action::stop() noexcept {
  GOBENCH_OPERATION(other, this);
  bool pending = false;
  {
    const std::scoped_lock held(lock_);
    pending = withdraw();
  }
  timer_service::instance().consider_ending();
  return pending;
}

void timer_action::retain() noexcept {
  // Relaxed: whoever copies a reference holds one.
  references_.fetch_add(1, std::memory_order_relaxed);
}

void timer_action::release() noexcept {
  GOBENCH_INTERNAL_SCOPE();
  GOBENCH_HOOK(release_merge(&references_));
  // Acquire and release: what all others did with it comes before its end.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Its end is the end of a function of the user's, perhaps, and comes after all calls of it. Whoever happens to
  // be the last is ordered after nobody by that.
  const instrument::actor last;
  const instrument::acting_for whose(last.record());
  GOBENCH_HOOK(acquire(&references_));
  GOBENCH_HOOK(forget(&references_));
  GOBENCH_HOOK(forget(this));
  GOBENCH_USER_SCOPE();
  delete this;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
