// Finding work: local queues, the global queue, stealing. Sleeping and waking are in idle.cpp, starting
// and ending a run in ending.cpp; the invariants are in the header.
#include "runtime/internal/scheduler.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "runtime/internal/switching.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr std::uint32_t slow_tick_every = 64;  // a power of two

// Two tasks that keep readying each other through next_task must not starve the queue behind them.
constexpr std::uint32_t longest_next_streak = 32;

// How long a worker searches before it sleeps: about what it costs to be woken again.
constexpr std::int64_t search_ns = 20'000;

// The same for fresh tasks, which would starve the queue when each spawns another.
constexpr std::uint32_t longest_fresh_streak = 64;

// A fresh task that has waited for so long is worth waking a worker for, ...
constexpr std::int64_t overdue_ns = 50'000;
// ... and for so long, goes before the newer ones.
constexpr std::int64_t fresh_patience_ns = 10'000'000;

// As many fresh tasks are taken from another processor at a time, at most.
constexpr std::uint32_t most_fresh_stolen = 64;

// A processor whose tick stands still for so long under the eyes of a thief is computing; for so long, also
// when it keeps what it has.
constexpr std::int64_t stalled_ns = 5'000;
constexpr std::int64_t long_stalled_ns = 15'000;
static_assert(long_stalled_ns < search_ns);

// A thief's barrier holds its victim up for some 10 us on a virtual machine. So where few tasks wait, at least this
// is between two thefts of what has run: a task that served messages of 1 us without ever waiting was
// robbed of one or two senders every 20 us, and then took 18 us for each.
constexpr std::int64_t least_robbed_ns = 50'000;
constexpr std::uint32_t many_queued = 16;

bool spared(const processor& p, std::int64_t now) noexcept {
  return p.queue.size() < many_queued &&
         now - p.robbed_at_ns.load(std::memory_order_relaxed) < least_robbed_ns;
}

// After at most so many samples that thieves have disturbed, one is to be had without them: see note_slice().
constexpr std::uint32_t most_disturbed = 32;
constexpr std::uint64_t least_decisions = 16;
constexpr std::int64_t longest_slice_ns = 1'000'000'000;

}  // namespace

scheduler& scheduler::instance() {
  static auto& one = *new scheduler;
  return one;
}

// How long slices are decides whether work is worth moving, and moving it makes them long: tasks that only pass
// each other messages of 90 ns took 6 us a message over two processors that kept stealing them from each
// other, so that each lot seemed worth it. So an estimate comes from a stretch without thieves; until there
// has been one, and again after some with them, this processor keeps what it has. A stretch ends with 64
// decisions or when there is nothing to run, and a disturbed or a short one can only lower the estimate.
void scheduler::note_slice(processor& p, std::int64_t now) noexcept {
  const std::uint64_t tick = p.tick.load(std::memory_order_relaxed);
  const std::uint64_t decisions = tick - p.sampled_tick;
  const std::int64_t since = std::exchange(p.sampled_at_ns, now);
  p.sampled_tick = tick;
  // Relaxed, all of these: guesses, on which nothing but speed depends.
  const bool disturbed = p.disturbed.load(std::memory_order_relaxed);
  if (disturbed) p.disturbed.store(false, std::memory_order_relaxed);
  if (since == 0 || decisions == 0) return;
  const auto slice = static_cast<std::uint32_t>(
      std::min((now - since) / static_cast<std::int64_t>(decisions), longest_slice_ns));
  const std::uint32_t thought = p.slice_ns.load(std::memory_order_relaxed);
  const bool reliable = !disturbed && decisions >= least_decisions;
  if (reliable || slice < thought) p.slice_ns.store(slice, std::memory_order_relaxed);
  if (reliable) {
    // Where thieves were not to blame for long slices, they are let in for longer the next time.
    p.disturbed_allowed =
        slice < thought / 2 ? 1 : std::min(2 * p.disturbed_allowed, most_disturbed);
    p.disturbed_samples = 0;
    p.keeps.store(false, std::memory_order_relaxed);
  } else if (disturbed && ++p.disturbed_samples >= p.disturbed_allowed) {
    p.keeps.store(true, std::memory_order_relaxed);
  }
}

// May find a task that it is time to run; else null.
control* scheduler::slow_tick(worker& w) noexcept {
  processor& p = *w.p;
  const std::int64_t now = now_ns();
  note_slice(p, now);
  fire_timers(now);
  look_at_descriptors_at_times(w, now);
  // Now and then the global queue goes first, or local work could starve it.
  if (global_size_.load(std::memory_order_relaxed) != 0)
    if (control* task = take_global(w)) return task;
  const control* oldest = p.fresh.oldest_seen();
  if (oldest == nullptr || oldest != p.oldest_fresh) {
    p.oldest_fresh = oldest;
    p.oldest_fresh_since_ns = now;
    p.fresh_overdue.store(false, std::memory_order_relaxed);
    return nullptr;
  }
  const std::int64_t waited = now - p.oldest_fresh_since_ns;
  if (waited >= fresh_patience_ns) {
    const owner_section held(p.work);
    return p.fresh.pop_oldest();
  }
  if (waited >= overdue_ns) {
    p.fresh_overdue.store(true, std::memory_order_relaxed);
    consider_waking(p);
  }
  return nullptr;
}

void scheduler::fire_timers(std::int64_t now) noexcept {
  const int made = processors_made_.load(std::memory_order_acquire);
  for (int i = 0; i < made; ++i) {
    timer_heap& timers = processors_[static_cast<std::size_t>(i)]->timers;
    if (timers.earliest() <= now) timers.fire(now);
  }
}

control* scheduler::pick_local(worker& w) noexcept {
  processor* mine = w.p;
  if (mine == nullptr) return nullptr;
  processor& p = *mine;
  const std::uint64_t tick = p.tick.load(std::memory_order_relaxed) + 1;
  p.tick.store(tick, std::memory_order_relaxed);
  if (p.attention.load(std::memory_order_relaxed)) [[unlikely]]
    return nullptr;
  if (tick % slow_tick_every == 0) {
    if (control* task = slow_tick(w)) return task;
  } else if (p.timers.earliest() != timer_heap::never) {
    const std::int64_t now = now_ns();
    if (p.timers.earliest() <= now) p.timers.fire(now);
  }
  {
    const owner_section held(p.work);
    if (p.next_streak < longest_next_streak || (p.queue.empty() && p.fresh.empty())) {
      if (control* task = p.next_task.load(std::memory_order_relaxed)) {
        p.next_task.store(nullptr, std::memory_order_relaxed);
        ++p.next_streak;
        return task;
      }
    }
    p.next_streak = 0;
    if (p.fresh_streak < longest_fresh_streak || p.queue.empty()) {
      if (control* task = p.fresh.pop_newest()) {
        ++p.fresh_streak;
        return task;
      }
    }
    p.fresh_streak = 0;
    if (control* task = p.queue.pop()) return task;
  }
  return shared_queue_ ? take_global(w) : nullptr;
}

void scheduler::push_fresh(worker& w, control& task) noexcept {
  if (shared_queue_) [[unlikely]] {
    push_shared(*w.p, task);
    return;
  }
  {
    const owner_section held(w.p->work);
    w.p->fresh.push(task);
  }
  consider_waking(*w.p);
}

void scheduler::push_local(worker& w, control& task) noexcept {
  if (w.p == nullptr) {
    push_global(task);
    return;
  }
  processor& p = *w.p;
  if (shared_queue_) [[unlikely]] {
    push_shared(p, task);
    return;
  }
  control* first = nullptr;
  control* last = nullptr;
  std::uint32_t count = 0;
  {
    const owner_section held(p.work);
    if (!p.queue.push(task)) {
      count = p.queue.take_half(first, last);
      p.queue.push(task);
    }
  }
  if (count != 0) {
    const std::scoped_lock held(lock_);
    append_global(*first, *last, count);
  }
  consider_waking(p);
}

void scheduler::push_next(worker& w, control& task) noexcept {
  if (w.p == nullptr) {
    push_global(task);
    return;
  }
  processor& p = *w.p;
  if (shared_queue_) [[unlikely]] {
    push_shared(p, task);
    return;
  }
  control* displaced = nullptr;
  {
    const owner_section held(p.work);
    displaced = p.next_task.load(std::memory_order_relaxed);
    p.next_task.store(&task, std::memory_order_relaxed);
  }
  if (displaced != nullptr) {
    push_local(w, *displaced);
  } else {
    consider_waking(p);
  }
}

void scheduler::append_global(control& task) noexcept {
  task.next = nullptr;
  append_global(task, task, 1);
}

void scheduler::append_global(control& first, control& last, std::uint32_t count) noexcept {
  (global_last_ == nullptr ? global_first_ : global_last_->next) = &first;
  global_last_ = &last;
  global_size_.fetch_add(count);  // in this order with spinning_: see wake_one()
}

void scheduler::push_global(control& task) noexcept {
  {
    const std::scoped_lock held(lock_);
    if (ended_.load(std::memory_order_relaxed)) {
      task.at_rest.store(true, std::memory_order_release);  // pairs with end_task()
      return;
    }
    append_global(task);
  }
  wake_one();
}

// By a worker that will look there itself: like a local push it wakes nobody but for parallelism.
void scheduler::push_shared(const processor& mine, control& task) noexcept {
  {
    const std::scoped_lock held(lock_);
    append_global(task);
  }
  const std::int64_t queued_ns = std::int64_t{global_size_.load(std::memory_order_relaxed)} *
                                 mine.slice_ns.load(std::memory_order_relaxed);
  if (queued_ns >= worth_waking_ns && idle_processors_.load(std::memory_order_relaxed) != 0 &&
      spinning_.load(std::memory_order_relaxed) == 0)
    wake_one();
}

void scheduler::consider_waking(const processor& p) noexcept {
  if (idle_processors_.load(std::memory_order_relaxed) == 0) return;
  if (spinning_.load(std::memory_order_relaxed) != 0) return;
  const bool overdue = p.fresh_overdue.load(std::memory_order_relaxed);
  if (!overdue && p.queued_ns() < worth_waking_ns) return;
  if (!overdue && p.fresh.empty() &&
      (p.keeps.load(std::memory_order_relaxed) || spared(p, now_ns())))
    return;
  wake_one();
}

void scheduler::make_ready(control& task) noexcept {
  // At the end of a run every task is resumed in its turn, and nobody else runs.
  if (ended_.load(std::memory_order_acquire)) {
    task.at_rest.store(true, std::memory_order_release);  // pairs with end_task()
    return;
  }
  worker* w = this_worker();
  if (trace::is_on()) [[unlikely]]
    trace::woken(w, task);
  if (w != nullptr && w->p != nullptr) {
    w->p->counts.wakes.add();
    push_next(*w, task);
  } else {
    counted_elsewhere.wakes.add();
    push_global(task);
  }
}

void scheduler::start(control& fresh) {
  worker* w = this_worker();
  if (w != nullptr && w->p != nullptr) {
    if (ended_.load(std::memory_order_acquire)) {
      end_fresh(fresh);
      return;
    }
    number_control(fresh, run_);
    if (trace::is_on()) [[unlikely]]
      trace::spawned(w, fresh);
    w->p->counts.spawned.add();
    push_fresh(*w, fresh);
    return;
  }
  bool in_time = false;
  {
    // Who holds no processor may come with the end, or with the next run: asks and enters in one step.
    const std::scoped_lock held(lock_);
    in_time = !ended_.load(std::memory_order_acquire);
    if (in_time) {
      number_control(fresh, run_);
      if (trace::is_on()) trace::spawned(w, fresh);
      append_global(fresh);
    }
  }
  if (in_time) {
    counted_elsewhere.spawned.add();
    wake_one();
  } else {
    end_fresh(fresh);
  }
}

bool scheduler::yield(worker& w) {
  control* self = w.running();
  control* next = nullptr;
  do {
    next = pick_local(w);
  } while (next != nullptr && !prepare(w, *next));
  if (next == nullptr) {
    if (w.p != nullptr) w.p->counts.misses.add();
    // Alone here. To the loop only when it has something to do.
    if (!wanted_in_loop(w)) return false;
  }
  switch_to(w, self, next, leave::requeue);
  return true;
}

bool scheduler::wanted_in_loop(const worker& w) const noexcept {
  return w.p == nullptr || w.p->attention.load(std::memory_order_relaxed) ||
         global_size_.load(std::memory_order_relaxed) != 0;
}

control* scheduler::take_global(worker& w) noexcept {
  control* mine = nullptr;
  control* rest = nullptr;
  {
    const std::scoped_lock held(lock_);
    const std::uint32_t size = global_size_.load(std::memory_order_relaxed);
    if (size == 0) return nullptr;
    // A fair share, and no more than fits half of the local queue.
    const auto share = shared_queue_ ? 1 : size / static_cast<std::uint32_t>(limit()) + 1;
    const std::uint32_t room = run_queue::capacity - w.p->queue.size();
    const std::uint32_t count =
        std::min({size, share, run_queue::most_taken, std::max<std::uint32_t>(room, 1)});
    mine = global_first_;
    control* last = mine;
    for (std::uint32_t i = 1; i < count; ++i) last = last->next;
    rest = count > 1 ? mine->next : nullptr;
    global_first_ = last->next;
    last->next = nullptr;
    if (global_first_ == nullptr) global_last_ = nullptr;
    global_size_.store(size - count, std::memory_order_relaxed);
  }
  while (rest != nullptr) {
    control* task = rest;
    rest = rest->next;
    push_local(w, *task);
  }
  return mine;
}

control* scheduler::steal_from(worker& w, processor& victim, bool stalled,
                               std::int64_t now) noexcept {
  const bool keeps = victim.keeps.load(std::memory_order_relaxed);
  const bool worth_it = stalled || victim.queued_ns() >= worth_waking_ns;
  const bool gives =
      (stalled || (worth_it && !keeps)) && !spared(victim, now);  // also what has run
  const bool overdue = victim.fresh_overdue.load(std::memory_order_relaxed);
  const bool any =
      (!victim.fresh.empty() && (worth_it || overdue)) || (gives && !victim.queue.empty()) ||
      (gives && stalled && victim.next_task.load(std::memory_order_relaxed) != nullptr);
  if (!any) return nullptr;
  control* first = nullptr;
  control* last = nullptr;
  bool fresh = false;
  std::uint32_t count = 0;
  {
    const stranger_section held(victim.work);
    if (!held) return nullptr;
    if ((count = victim.fresh.take_half(first, last, most_fresh_stolen)) != 0) {
      fresh = true;
    } else if (gives && (count = victim.queue.take_half(first, last)) != 0) {
      fresh = false;
    } else if (gives && stalled) {
      first = victim.next_task.load(std::memory_order_relaxed);
      victim.next_task.store(nullptr, std::memory_order_relaxed);
      if (first != nullptr) first->next = nullptr;
      count = first != nullptr ? 1 : 0;
    }
  }
  if (count != 0 && !fresh) {
    // Relaxed: see note_slice().
    victim.robbed_at_ns.store(now, std::memory_order_relaxed);
    victim.disturbed.store(true, std::memory_order_relaxed);
    w.p->disturbed.store(true, std::memory_order_relaxed);
    w.p->slice_ns.store(victim.slice_ns.load(std::memory_order_relaxed), std::memory_order_relaxed);
  }
  if (count != 0) {
    w.p->counts.steals.add();
    w.p->counts.stolen.add(count);
    if (w.trace != nullptr) trace::stole(w, victim.index, count);
  }
  if (first == nullptr || first->next == nullptr) return first;
  const owner_section held(w.p->work);
  for (control* task = first->next; task != nullptr;) {
    control* after = task->next;
    // Our queue is empty, or nearly so: there is room for half of another.
    if (fresh) {
      w.p->fresh.push(*task);
    } else {
      w.p->queue.push(*task);
    }
    task = after;
  }
  return first;
}

control* scheduler::steal(worker& w) noexcept {
  struct sight {
    std::uint64_t tick = 0;
    std::int64_t since = 0;
  };
  const auto made = static_cast<std::uint32_t>(processors_made_.load(std::memory_order_acquire));
  // Stealing needs an empty queue of our own; it may not be when the limit has just changed twice.
  {
    const owner_section held(w.p->work);
    if (control* task = w.p->queue.pop()) return task;
  }
  if (made < 2) return nullptr;
  // What was seen so far of 64 victims, beginning with a random one.
  std::array<sight, 64> seen{};
  const std::uint32_t start = w.p->random.below(made);
  const std::int64_t begin = now_ns();
  for (std::int64_t now = begin;; now = now_ns()) {
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(made, seen.size()); ++i) {
      processor& victim = *processors_[(start + i) % made];
      if (&victim == w.p || victim.queued() == 0) continue;
      bool stalled = false;
      const std::uint64_t tick = victim.tick.load(std::memory_order_relaxed);
      sight& last = seen[i];
      if (last.since == 0 || last.tick != tick) {
        last = {tick, now};
      } else {
        const bool keeps = victim.keeps.load(std::memory_order_relaxed);
        stalled = now - last.since >= (keeps ? long_stalled_ns : stalled_ns);
      }
      if (control* task = steal_from(w, victim, stalled, now)) return task;
    }
    if (ended_.load(std::memory_order_relaxed) || w.p->attention.load(std::memory_order_relaxed) ||
        global_size_.load(std::memory_order_relaxed) != 0)
      return nullptr;
    const bool enough = now - begin >= (spin_before_sleep_ ? search_ns : stalled_ns + 1000);
    if (enough) return nullptr;
    if (look_at_descriptors(w)) return pick_local(w);
    for (int i = 0; i < 16; ++i) cpu_pause();
  }
}

control* scheduler::found(worker& w, control* task) noexcept {
  // Time spent searching is no task's.
  w.p->sampled_at_ns = now_ns();
  w.p->sampled_tick = w.p->tick.load(std::memory_order_relaxed);
  w.place.store(w.p->index, std::memory_order_relaxed);
  if (w.spinning) {
    w.spinning = false;
    // While somebody searches nobody is woken; make good for that.
    if (spinning_.fetch_sub(1) == 1) {
      if (global_size_.load() != 0) {  // in this order: see wake_one()
        if (idle_processors_.load(std::memory_order_relaxed) != 0) wake_one();
      } else {
        consider_waking(*w.p);
      }
    }
  }
  return task;
}

control* scheduler::find_work(worker& w) {
  for (;;) {
    if (ended_.load(std::memory_order_acquire)) return nullptr;
    if (w.p == nullptr) {
      if (!sleep(w)) return nullptr;
      continue;
    }
    if (w.p->index >= limit()) {
      retire(w);
      continue;
    }
    if (w.p->attention.load(std::memory_order_relaxed)) {
      // It was meant for a limit that has changed again, or for the end, which comes before all else.
      // Exchange, so that what is asked for is seen below: a plain store could swallow it.
      w.p->attention.exchange(false);
      if (ended_.load() || w.p->index >= limit()) continue;
      if (w.p->global_first.exchange(false, std::memory_order_relaxed))
        if (control* task = take_global(w)) return found(w, task);
    }
    const std::int64_t now = now_ns();
    coarse_ns_.store(now, std::memory_order_relaxed);
    if (w.p->sampled_at_ns != 0) {
      note_slice(*w.p, now);
      w.p->sampled_at_ns = 0;
    }
    fire_timers(now);
    if (control* task = pick_local(w)) return found(w, task);
    w.p->counts.misses.add();
    if (control* task = take_global(w)) {
      w.p->counts.taken_elsewhere.add();
      return found(w, task);
    }
    if (look_at_descriptors(w)) continue;
    if (w.p->attention.load(std::memory_order_relaxed)) continue;
    // At most half of the busy workers search at a time.
    if (!w.spinning) {
      const int busy = limit() - idle_processors_.load(std::memory_order_relaxed);
      if (2 * spinning_.load(std::memory_order_relaxed) < busy) {
        w.spinning = true;
        spinning_.fetch_add(1, std::memory_order_acq_rel);
      }
    }
    if (w.spinning) {
      if (control* task = steal(w)) {
        w.p->counts.taken_elsewhere.add();
        return found(w, task);
      }
      w.p->counts.spins.add();
    }
    if (!sleep(w)) return nullptr;
  }
}

void scheduler::loop(worker& w) {
  while (control* task = find_work(w)) {
    if (prepare(w, *task)) switch_to(w, nullptr, task, leave::none);
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
