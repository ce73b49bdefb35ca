#include "detector/engine/tasks.hpp"

#include <new>

#include <pthread.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "detector/blocking/blocking.hpp"
#include "detector/clocks/era.hpp"
#include "detector/clocks/node_pool.hpp"
#include "detector/engine/backtrace.hpp"
#include "detector/engine/epochs.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/shadow.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/thread_bounds.hpp"

namespace gobench::detector {

constinit task_state dummy_task;
__thread task_state* current_task __attribute__((tls_model("initial-exec"))) = &dummy_task;

namespace {

constinit spin_lock tasks_lock;
constinit task_state* states = nullptr;
constinit std::atomic<std::uint32_t> used{0};
constinit std::uint32_t last_number = 0;
// The dead, oldest first.
constinit task_state* first_dead = nullptr;
constinit task_state* last_dead = nullptr;
constinit std::uint32_t dead_count = 0;

// So many of the dead keep what they did before anybody takes their state over.
constexpr std::uint32_t kept_dead = 16;
// Of more that nobody has waited for, the past becomes everybody's: a program may start and forget tasks for ever.
constexpr std::uint32_t most_dead = 1u << 18;
constexpr std::size_t first_frames = 30;

void give_frames(task_state& task) {
  if (task.frames != nullptr)
    give_block(task.frames, static_cast<std::size_t>(task.frame_end - task.frames) * sizeof(frame));
  task.frames = task.frame_next = task.frame_end = nullptr;
}

void put_last(task_state& task) {
  task.next = nullptr;
  (last_dead != nullptr ? last_dead->next : first_dead) = &task;
  last_dead = &task;
  ++dead_count;
}

// Nobody will ask its clock any more: of a million tasks that have ended, none keeps nodes.
void bury(task_state& task) {
  task.dead_id = task.clock.self();
  task.last_clock = task.clock.now();
  task.clock.reset();
  put_last(task);
}

// Under the lock. A dead one whose last clock the parent covers. Those it does not cover go to the end, so that many that
// nobody joined do not stand in the way of the others.
task_state* take_dead(const task_state* parent) {
  constexpr int most_looked_at = 8;
  if (parent == nullptr) return nullptr;
  for (int looked = 0; looked != most_looked_at && dead_count > kept_dead; ++looked) {
    task_state* dead = first_dead;
    first_dead = dead->next;
    if (first_dead == nullptr) last_dead = nullptr;
    --dead_count;
    if (dead->last_clock != max_clock_value &&
        parent->clock.known(dead->dead_id) >= dead->last_clock)
      return dead;
    put_last(*dead);
  }
  return nullptr;
}

// Raises the floor of all clocks (clocks/era.hpp): then the caller covers whoever has ended before, and in time all do.
void forget_the_dead(task_state& caller) {
  end_epoch(caller);
  shut(caller);
  era::raise(era::floor());
  caller.clock.catch_up();
  // That was not for memory.
  clocks_were_reduced.store(false, std::memory_order_relaxed);
  catch_up_objects();
  note_once(precision_note::of_tasks);
}

task_state* make(task_kind kind, task_state* parent, stack_id born, bool detached) {
  bool too_many = false;
  if (parent != nullptr) {
    locked guard(tasks_lock);
    too_many = dead_count >= most_dead;
  }
  if (too_many) forget_the_dead(*parent);
  task_state* task = nullptr;
  bool again = false;
  {
    locked guard(tasks_lock);
    task = take_dead(parent);
    again = task != nullptr;
    if (!again) {
      const std::uint32_t id = used.load(std::memory_order_relaxed) + 1;
      if (id >= most_tasks)
        die("the detector has no room for more tasks that live at once: check with fewer");
      task = &states[id];
      new (task) task_state;
      task->clock.begin(id, 1);
      used.store(id, std::memory_order_release);
    }
    task->number = ++last_number;
  }
  if (again) {
    traces.drop(*task);
    // The clock goes on: what the dead one did is known to the parent, and so to this one.
    task->clock.begin(task->dead_id, task->last_clock + 1);
    task->first_clock = task->clock.now();
    std::memset(static_cast<void*>(task->known), 0, sizeof task->known);
    task->ordered_tag = 0;
    task->name[0] = 0;
    task->stack_low = task->stack_high = task->tls_low = task->tls_high = 0;
    task->held_count = 0;
    task->ignoring_accesses = task->ignoring_sync = task->in_our_code = 0;
    task->unrecorded = false;
    task->has_release_fence = false;
    task->deadlocked.store(false, std::memory_order_relaxed);
    task->was_left = task->has_before_locks = false;
  }
  task->published = false;
  task->kind = kind;
  task->born = born;
  task->joined_or_detached = detached;
  task->of_library = kind == task_kind::fiber;
  task->of_runtime = kind == task_kind::thread && parent != nullptr && parent->in_our_code != 0;
  task->parent = parent != nullptr ? parent->number : 0;
  if (parent != nullptr) {
    end_epoch(*parent);
    task->clock.acquire(parent->clock);
    parent->published = true;
    shut(*parent);
    recording::fork(*parent, *task);
  }
  task->stage.store(life::created, std::memory_order_release);
  return task;
}

void finish(task_state& task) {
  // Its clock stays where it is: if the last thing it did was to publish it, whoever acquired that covers it.
  shut(task);
  blocking::forget_wait(task);
  recording::end(task);
  epochs.abandon(task);
  if (task.part != nullptr) {
    locked guard(traces.lock);
    task.part->written = task.trace_next;
    task.part = nullptr;
    task.trace_next = task.trace_stop = task.trace_end = nullptr;
  }
  give_frames(task);
  if (task.held != nullptr) {
    give_block(task.held, task.held_capacity * sizeof(held_lock));
    task.held = nullptr;
    task.held_count = task.held_capacity = 0;
  }
  task.pending_acquire.clear();
  task.release_fence.clear();
  task.before_locks.clear();
  locked guard(tasks_lock);
  task.stage.store(life::finished, std::memory_order_release);
  if (task.joined_or_detached) bury(task);
}

}  // namespace

void reserve_tasks() noexcept {
  dummy_task.dummy = true;
  states = static_cast<task_state*>(map_memory(most_tasks * sizeof(task_state)));
}

std::uint32_t tasks_used() noexcept { return used.load(std::memory_order_acquire); }
task_state& task_by_id(task_id id) noexcept { return states[id]; }
task_state* find_task(task_id id) noexcept {
  return id != 0 && id <= tasks_used() ? &states[id] : nullptr;
}

void grow_frames(task_state& task) noexcept {
  const auto count = static_cast<std::size_t>(task.frame_end - task.frames);
  const std::size_t wanted = count == 0 ? first_frames : count * 2;
  const std::size_t bytes = std::bit_ceil(wanted * sizeof(frame));
  auto* grown = static_cast<frame*>(take_block(bytes));
  if (count != 0) std::memcpy(static_cast<void*>(grown), task.frames, count * sizeof(frame));
  const auto depth = task.frame_next - task.frames;
  give_frames(task);
  task.frames = grown;
  task.frame_next = grown + depth;
  task.frame_end = grown + bytes / sizeof(frame);
}

void take_new_id(task_state& task) noexcept {
  bool is_left = false;
  {
    locked guard(tasks_lock);
    const std::uint32_t id = used.load(std::memory_order_relaxed) + 1;
    is_left = id < most_tasks;
    if (is_left) {
      // The old id stays with an empty state, whose past everybody learns through this one's clock.
      new (&states[id]) task_state;
      states[id].number = task.number;
      states[id].stage.store(life::unused, std::memory_order_relaxed);
      used.store(id, std::memory_order_release);
      task.clock.begin(id, 1);
    }
  }
  // Outside of the lock: these take others.
  if (is_left)
    epochs.abandon(task);
  else
    note_once(precision_note::of_tasks);
}

task_state* make_main_task() noexcept {
  task_state* task = make(task_kind::main_thread, nullptr, 0, false);
  thread_started(task);
  return task;
}

task_state* task_created(task_kind kind, address pc, bool detached) noexcept {
  const internal_mark inside;
  task_state& parent = *current_task;
  if (!started) return nullptr;
  if (parent.dummy) return make(kind, nullptr, 0, detached);
  // Between the program and pthread_create there is the standard library, which is not instrumented.
  const stack_id born =
      kind == task_kind::thread ? whole_stack_of(parent, pc) : stack_of(parent, pc);
  return make(kind, &parent, born, detached);
}

void thread_started(task_state* task) noexcept {
  if (task == nullptr) return;
  const internal_mark inside;
  find_thread_bounds(*task);
  // Stacks and thread-local blocks come from memory that dead threads have used.
  forget_range(reinterpret_cast<const void*>(task->stack_low), task->stack_high - task->stack_low);
  forget_range(reinterpret_cast<const void*>(task->tls_low), task->tls_high - task->tls_low);
  current_task = task;
  task->stage.store(life::running, std::memory_order_release);
}

void thread_finished() noexcept {
  task_state& task = *current_task;
  if (task.dummy) return;
  const internal_mark inside;
  current_task = &dummy_task;
  finish(task);
  node_pool::thread_exit();
  blocking::task_ended();
}

void switch_to(task_state* to) noexcept {
  if (to == nullptr) to = &dummy_task;
  current_task = to;
}

void fiber_finished(task_state* task) noexcept {
  if (task == nullptr) return;
  const internal_mark inside;
  finish(*task);
}

void task_joined(task_state* task) noexcept {
  if (task == nullptr) return;
  const internal_mark inside;
  task_state& caller = *current_task;
  if (!caller.dummy && caller.ignoring_sync == 0) {
    end_epoch(caller);
    caller.clock.acquire(task->clock);
    shut(caller);
    recording::join(caller, *task);
  }
  task_detached(task);
}

void task_detached(task_state* task) noexcept {
  if (task == nullptr) return;
  const internal_mark inside;
  locked guard(tasks_lock);
  if (task->joined_or_detached) return;
  task->joined_or_detached = true;
  if (task->stage.load(std::memory_order_relaxed) == life::finished) bury(*task);
}

void set_task_name(task_state* task, const char* name) noexcept {
  if (task == nullptr || task->dummy || name == nullptr) return;
  std::size_t i = 0;
  for (; i + 1 < sizeof task->name && name[i] != 0; ++i) task->name[i] = name[i];
  task->name[i] = 0;
  recording::name(*task);
}

void set_task_stack(task_state* task, const void* low, std::size_t size) noexcept {
  if (task == nullptr || task->dummy) return;
  task->stack_low = reinterpret_cast<address>(low);
  task->stack_high = task->stack_low + size;
}

task_state* current() noexcept { return current_task; }

bool has_other_threads() noexcept {
  bool found = false;
  for_each_task([&](const task_state& task) {
    if (&task != current_task && task.stage.load(std::memory_order_relaxed) == life::running)
      found = true;
  });
  return found;
}

void lock_tasks() noexcept { tasks_lock.lock(); }
void unlock_tasks() noexcept { tasks_lock.unlock(); }

}  // namespace gobench::detector
