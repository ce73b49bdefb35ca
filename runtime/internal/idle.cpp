// Going to sleep and waking: workers, idle processors, blocking calls, changing the limit.
#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/internal/census.hpp"
#include "runtime/internal/context.hpp"
#include "runtime/internal/futex.hpp"
#include "runtime/internal/poller.hpp"
#include "runtime/internal/report.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/switching.hpp"
#include "runtime/internal/watchdog.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// Workers run the scheduling loop on their own stack, and tasks on theirs.
constexpr std::size_t worker_stack_bytes = 256 * 1024;

// How often a suspected deadlock is looked at again while threads from outside might still step in.
constexpr std::int64_t suspicion_period_ns = 50'000'000;

}  // namespace

void* worker_main(void* argument) {
  GOBENCH_INTERNAL_SCOPE();
  auto& w = *static_cast<worker*>(argument);
  const signal_stack overflow_stack;
  const no_growth_here at_all;
  set_this_worker(&w);
  w.thread = ::pthread_self();
  w.number.store(this_thread_number(), std::memory_order_release);
  w.exceptions = thread_exception_state();
  w.record = instrument::thread_record();
  w.trace = trace::attach();
  w.home->loop(w);
  trace::detach(std::exchange(w.trace, nullptr));
  if (w.spinning) w.home->spinning_.fetch_sub(1);
  set_this_worker(nullptr);
  w.phase.store(worker_gone, std::memory_order_release);  // pairs with wait_for_workers()
  futex_wake(w.phase);
  return nullptr;
}

std::int64_t scheduler::earliest_timer() const noexcept {
  std::int64_t earliest = timer_heap::never;
  const int made = processors_made_.load(std::memory_order_acquire);
  for (int i = 0; i < made; ++i)
    earliest = std::min(earliest, processors_[static_cast<std::size_t>(i)]->timers.earliest());
  return earliest;
}

processor* scheduler::take_idle_processor() noexcept {
  const int limit = this->limit();
  for (int i = 0; i < limit; ++i) {
    processor& p = *processors_[static_cast<std::size_t>(i)];
    if (p.status.load(std::memory_order_relaxed) != processor_status::idle) continue;
    p.status.store(processor_status::running, std::memory_order_relaxed);
    p.sampled_at_ns = 0;
    if (trace::is_on()) trace::idle_over(p);
    idle_processors_.fetch_sub(1, std::memory_order_relaxed);
    if (busy_.fetch_add(1) == 0) {
      suspected_since_ns_ = 0;
      wake_watchdog();
    }
    return &p;
  }
  return nullptr;
}

void scheduler::release_processor(processor& p) noexcept {
  busy_.fetch_sub(1);
  if (p.index < limit()) {
    p.status.store(processor_status::idle, std::memory_order_relaxed);
    if (trace::is_on()) trace::idle(p);
    idle_processors_.fetch_add(1, std::memory_order_relaxed);
  } else {
    p.status.store(processor_status::retired, std::memory_order_relaxed);
  }
}

void scheduler::leave_idle_list(worker& w) noexcept {
  if (!w.is_idle) return;
  worker** link = &idle_workers_;
  while (*link != &w) link = &(*link)->next_idle;
  *link = w.next_idle;
  w.is_idle = false;
  if (timekeeper_ == &w) timekeeper_ = nullptr;
}

worker* scheduler::take_idle_worker() noexcept {
  // The newest sleeper is the warmest, but those that watch the timers and the descriptors are left in peace
  // if another will do.
  worker* chosen = idle_workers_;
  while (chosen != nullptr && (chosen == timekeeper_ || chosen->in_poll))
    chosen = chosen->next_idle;
  if (chosen == nullptr) chosen = idle_workers_;
  if (chosen != nullptr) leave_idle_list(*chosen);
  return chosen;
}

bool scheduler::start_worker(processor& p, bool spinning) noexcept {
  auto* w = new (std::nothrow) worker;
  if (w == nullptr) {
    refused_.store(true);
    return false;
  }
  w->home = this;
  w->p = &p;
  w->segmented = arena_->segmented();
  w->spinning = spinning;
  try {
    {
      // Listed before it starts, so that the end of the run cannot miss it.
      const std::scoped_lock held(lock_);
      if (ended_.load(std::memory_order_relaxed)) throw std::runtime_error("too late");
      workers_.push_back(w);
    }
    start_os_thread(&worker_main, w, worker_stack_bytes);
    return true;
  } catch (const std::exception&) {
    const std::scoped_lock held(lock_);
    // Once listed, it is for the end of the run to delete.
    if (std::ranges::find(workers_, w) == workers_.end()) {
      delete w;
    } else {
      w->phase.store(worker_never_started, std::memory_order_release);
      refused_.store(true);
    }
    return false;
  }
}

void scheduler::wake_one() noexcept {
  for (;;) {
    // One searcher at a time is enough: it wakes the next when it has found something.
    int none = 0;
    if (!spinning_.compare_exchange_strong(none, 1)) return;
    processor* p = nullptr;
    worker* w = nullptr;
    {
      const std::scoped_lock held(lock_);
      if (!ended_.load(std::memory_order_relaxed)) p = take_idle_processor();
      if (p != nullptr) w = take_idle_worker();
      if (w != nullptr) {
        w->given = p;
        w->spinning = true;
      }
    }
    if (w != nullptr) {
      counted_elsewhere.wake_ups.add();
      rouse(*w);
      return;
    }
    if (p != nullptr) {
      if (start_worker(*p, true)) {
        counted_elsewhere.wake_ups.add();
        return;
      }
      const std::scoped_lock held(lock_);
      release_processor(*p);
    }
    spinning_.fetch_sub(1);
    // While we counted as a searcher, somebody may have added to the global queue and relied on us,
    // although the last processor went idle before that. Sequentially consistent with push_global():
    // it adds and then looks at spinning_, we change spinning_ and then look.
    if (p != nullptr || global_size_.load() == 0 || ended_.load() ||
        idle_processors_.load(std::memory_order_relaxed) == 0)
      return;
  }
}

// Gives the processor up, if there is one, and waits for another. False when the run has ended.
bool scheduler::sleep(worker& w) {
  std::int64_t deadline = timer_heap::never;
  bool suspicious = false;
  {
    const std::scoped_lock held(lock_);
    if (ended_.load(std::memory_order_relaxed)) return false;
    if (w.p != nullptr &&
        (w.p->queued() != 0 ||
         (w.p->index < limit() && global_size_.load(std::memory_order_relaxed) != 0)))
      return true;
    if (w.p != nullptr) {
      release_processor(*w.p);
      w.p = nullptr;
    } else if (global_size_.load(std::memory_order_relaxed) != 0) {
      w.p = take_idle_processor();
      if (w.p != nullptr) return true;
    }
    if (w.spinning) {
      w.spinning = false;
      spinning_.fetch_sub(1, std::memory_order_acq_rel);
    }
    // Somebody must be there for the earliest timer.
    const std::int64_t earliest = earliest_timer();
    // With no idle processor there is nothing it could do at that time: the busy ones see to it.
    if (earliest != timer_heap::never && idle_processors_.load(std::memory_order_relaxed) != 0 &&
        (timekeeper_ == nullptr || earliest < timekeeper_->timer_deadline)) {
      timekeeper_ = &w;
      deadline = earliest;
    }
    suspicious = busy_.load() == 0 && earliest == timer_heap::never &&
                 blocking_.load(std::memory_order_acquire) == 0 &&
                 global_size_.load(std::memory_order_relaxed) == 0 &&
                 fibers_at_descriptors.load(std::memory_order_relaxed) == 0;
    w.timer_deadline = deadline;
    w.in_poll = should_poll();
    if (w.in_poll) polled_.store(true, std::memory_order_relaxed);
    w.sleep_word.store(0, std::memory_order_relaxed);  // nobody wakes us before we are in the list
    w.next_idle = idle_workers_;
    idle_workers_ = &w;
    w.is_idle = true;
  }
  counted_elsewhere.sleeps.add();
  if (w.in_poll) return sleep_in_poll(w, deadline);
  if (suspicious) {
    if (suspect_deadlock(w)) return false;
    deadline =
        outsider_seen_.load(std::memory_order_relaxed) ? deadline : now_ns() + suspicion_period_ns;
  }
  const steady_time until =
      deadline == timer_heap::never ? no_deadline : steady_time(std::chrono::nanoseconds(deadline));
  while (w.sleep_word.load(std::memory_order_acquire) == 0) {
    if (futex_wait(w.sleep_word, 0, until)) continue;
    // The deadline: take a processor ourselves, unless somebody wakes us at this very moment.
    const std::scoped_lock held(lock_);
    if (!w.is_idle) continue;
    leave_idle_list(w);
    if (ended_.load(std::memory_order_relaxed)) return false;
    if (!suspicious) w.p = take_idle_processor();
    return true;
  }
  w.p = std::exchange(w.given, nullptr);
  return !ended_.load(std::memory_order_acquire);
}

// All tasks wait, and nothing of ours can wake one. True when that is a deadlock and the run is over.
bool scheduler::suspect_deadlock(worker& w) noexcept {
  if (outsider_seen_.load(std::memory_order_relaxed)) return false;
  const std::int64_t now = now_ns();
  {
    const std::scoped_lock held(lock_);
    if (suspected_since_ns_ == 0) suspected_since_ns_ = now;
    if (now - suspected_since_ns_ < patience_ns(run_began_among_)) return false;
    std::vector<int> ours{watchdog_number(), trace::writer_number(), poller::thread_number()};
    for (const worker* one : workers_) ours.push_back(one->number.load(std::memory_order_acquire));
    if (threads_born_since(run_began_among_, ours)) return false;
    // Once more: an outsider may have stepped in meanwhile, and whoever fires timers has taken the entry
    // out before the task is queued. In this order: see firing_.
    if (firing_.load() != 0 || earliest_timer() != timer_heap::never || busy_.load() != 0 ||
        outsider_seen_.load(std::memory_order_relaxed) ||
        global_size_.load(std::memory_order_relaxed) != 0 ||
        fibers_at_descriptors.load(std::memory_order_relaxed) != 0 ||
        ended_.load(std::memory_order_relaxed) || !all_parked(run_))
      return false;
    ended_.store(true);
    leave_idle_list(w);
    trouble_ = describe_deadlock(run_);
  }
  GOBENCH_HOOK(standstill());
  begin_end();
  return true;
}

// All that is queued there, linked through `next`.
control* scheduler::empty_out(processor& p) noexcept {
  control* first = nullptr;
  control** end = &first;
  const auto add = [&](control& task) {
    *end = &task;
    end = &task.next;
  };
  if (control* task = p.next_task.load(std::memory_order_relaxed)) add(*task);
  p.next_task.store(nullptr, std::memory_order_relaxed);
  while (control* task = p.queue.pop()) add(*task);
  while (control* task = p.fresh.pop_oldest()) add(*task);
  *end = nullptr;
  return first;
}

void scheduler::push_all_global(control* first) noexcept {
  while (first != nullptr) {
    control* task = std::exchange(first, first->next);
    push_global(*task);
  }
}

void scheduler::retire(worker& w) noexcept {
  processor& p = *w.p;
  p.attention.store(false, std::memory_order_relaxed);
  control* all = nullptr;
  {
    const owner_section held(p.work);
    all = empty_out(p);
  }
  push_all_global(all);
  const std::scoped_lock held(lock_);
  flush_stacks(p);
  release_processor(p);
  w.p = nullptr;
}

// Throws std::bad_alloc, and has then changed nothing that counts.
void scheduler::change_limit(int n) {
  for (int i = processors_made_.load(std::memory_order_relaxed); i < n; ++i) {
    processors_[static_cast<std::size_t>(i)] = std::make_unique<processor>(i);
    processors_[static_cast<std::size_t>(i)]->random = random_of(i);
    processors_made_.store(i + 1, std::memory_order_release);
  }
  limit_.store(n, std::memory_order_release);
  const int made = processors_made_.load(std::memory_order_relaxed);
  for (int i = 0; i < made; ++i) {
    processor& p = *processors_[static_cast<std::size_t>(i)];
    const auto status = p.status.load(std::memory_order_relaxed);
    if (i >= n && status == processor_status::idle) {
      p.status.store(processor_status::retired, std::memory_order_relaxed);
      idle_processors_.fetch_sub(1, std::memory_order_relaxed);
    } else if (i >= n) {
      // Its worker notices at its next scheduling point.
      p.attention.store(status != processor_status::retired, std::memory_order_relaxed);
    } else if (status == processor_status::retired) {
      p.attention.store(false, std::memory_order_relaxed);
      p.status.store(processor_status::idle, std::memory_order_relaxed);
      idle_processors_.fetch_add(1, std::memory_order_relaxed);
    } else {
      p.attention.store(false, std::memory_order_relaxed);
    }
  }
}

int scheduler::set_limit(int n) {
  int before = 0;
  {
    const std::scoped_lock held(lock_);
    before = asked_limit();
    // Nobody may be told to go on who has been told that it is over.
    if (ended_.load(std::memory_order_relaxed)) return before;
    change_limit(n);
    asked_limit_.store(n, std::memory_order_relaxed);
  }
  wake_one();
  return before;
}

// The watchdog's: so many processors beyond those asked for.
void scheduler::lend(int processors) noexcept {
  {
    const std::scoped_lock held(lock_);
    const int n = std::min(asked_limit() + processors, largest_procs);
    if (ended_.load(std::memory_order_relaxed) || n == limit()) return;
    try {
      change_limit(n);
    } catch (const std::bad_alloc&) {
      return;  // then the others wait
    }
  }
  wake_one();
}

void scheduler::enter_blocking(worker& w) noexcept {
  if (w.blocking_depth++ != 0) return;
  processor& p = *w.p;
  w.running()->in_blocking.store(1, std::memory_order_relaxed);
  blocking_.fetch_add(1, std::memory_order_acq_rel);
  if (w.trace != nullptr) trace::entered_blocking(w);
  w.left = &p;
  w.p = nullptr;
  const bool work = p.queued() != 0 || global_size_.load(std::memory_order_relaxed) != 0;
  // Release: whoever takes the processor over sees its queue. Until then it stays ours to take back.
  p.status.store(processor_status::blocking, std::memory_order_release);
  if (work) hand_off(p);
  // Last of all: from here on the end of the run may leave this thread behind.
  w.phase.store(worker_blocking, std::memory_order_release);
}

// Gives a processor whose task blocks to another worker, if it is still blocking.
void scheduler::hand_off(processor& p) noexcept {
  worker* w = nullptr;
  {
    const std::scoped_lock held(lock_);
    auto blocking = processor_status::blocking;
    if (ended_.load(std::memory_order_relaxed) ||
        !p.status.compare_exchange_strong(blocking, processor_status::running,
                                          std::memory_order_acq_rel, std::memory_order_relaxed))
      return;
    w = take_idle_worker();
    if (w != nullptr) w->given = &p;
  }
  counted_elsewhere.hand_offs.add();
  if (trace::is_on()) trace::handed_off(p);
  if (w != nullptr) {
    rouse(*w);
  } else if (!start_worker(p, false)) {
    // No thread to be had: the blocked one takes it back when it returns.
    p.status.store(processor_status::blocking, std::memory_order_release);
  }
}

void scheduler::leave_blocking(worker& w) {
  if (--w.blocking_depth != 0) return;
  std::uint32_t blocking = worker_blocking;
  if (!w.phase.compare_exchange_strong(blocking, worker_active, std::memory_order_acq_rel)) {
    // The run is over and has left this thread behind: nothing it could touch is there any more.
    sleep_for_ever();
  }
  control& task = *w.running();
  task.in_blocking.store(0, std::memory_order_relaxed);
  auto expected = processor_status::blocking;
  processor* mine = std::exchange(w.left, nullptr);
  if (mine->status.compare_exchange_strong(expected, processor_status::running,
                                           std::memory_order_acq_rel, std::memory_order_relaxed)) {
    w.p = mine;
    if (w.trace != nullptr) trace::left_blocking(w);
    blocking_.fetch_sub(1, std::memory_order_acq_rel);
    return;
  }
  {
    const std::scoped_lock held(lock_);
    if (!ended_.load(std::memory_order_relaxed)) w.p = take_idle_processor();
  }
  if (w.trace != nullptr) trace::left_blocking(w);
  if (w.p != nullptr) {
    w.place.store(w.p->index, std::memory_order_relaxed);
    blocking_.fetch_sub(1, std::memory_order_acq_rel);
    return;
  }
  // Counted as blocking until back_from_blocking(), or it would look like a deadlock.
  switch_to(w, &task, nullptr, leave::requeue_global);
}

void scheduler::back_from_blocking(control& task) noexcept {
  push_global(task);
  blocking_.fetch_sub(1, std::memory_order_acq_rel);
}

void scheduler::wake_watchdog() noexcept { watchdog_notice(); }

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
