// What would order the two accesses: the sentence that a reader looks for, made for the case at hand.
#include <algorithm>
#include <string>

#include "detector/report/finding.hpp"
#include "detector/report/words.hpp"

namespace gobench::detector::reporting {
namespace {

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

bool is_atomic(operation what) {
  return what == operation::atomic_read || what == operation::atomic_write;
}
bool is_write(operation what) { return what != operation::read && what != operation::atomic_read; }

std::string the(const access_told& access) {
  return "the " + std::string(operation_name(access.what));
}

std::string place_of(const access_told& access) {
  const std::string place = place_phrase(telling_frame(access.frames));
  return place.empty() ? "" : " in " + place;
}

// "M1", "M1 and M2"
std::string names_of(const std::vector<lock_told>& locks) {
  std::string text;
  for (std::size_t i = 0; i < locks.size(); ++i) {
    if (i > 0) text += i + 1 == locks.size() ? " and " : ", ";
    text += locks[i].name();
  }
  return text;
}

const lock_told* common_lock(const access_told& a, const access_told& b, bool& shared) {
  for (const lock_told& one : a.locks) {
    for (const lock_told& other : b.locks) {
      if (one.where != other.where) continue;
      shared = one.shared && other.shared;
      return &one;
    }
  }
  return nullptr;
}

// "the write by T2", since both may be writes
std::string the(const finding& what, const access_told& access) {
  const task_told* task = what.task_of(access);
  return the(access) + (task == nullptr ? "" : " by " + short_phrase(*task));
}

std::string about_locks(const finding& what, const access_told& first, const access_told& second) {
  bool shared = false;
  if (const lock_told* both = common_lock(first, second, shared)) {
    if (!shared)
      return "Both sides hold " + both->name() +
             " now, but were not ordered by it: one of them may have "
             "taken it anew since its access began. Hold it over the whole access.";
    return "Both sides hold " + both->name() +
           ", but in shared mode, in which holders run side by side. Take it "
           "exclusively for " +
           the(what, is_write(first.what) ? first : second) + ".";
  }
  if (!first.locks.empty() && !second.locks.empty()) {
    return "Each side holds a lock, but not the same: " + the(what, first) + " holds " +
           names_of(first.locks) + ", " + the(what, second) + " holds " + names_of(second.locks) +
           ". Different locks order nothing: guard this memory with one of them on both sides.";
  }
  const access_told& holder = first.locks.empty() ? second : first;
  const access_told& other = first.locks.empty() ? first : second;
  return "Only one side holds a lock: " + the(what, holder) + " holds " + names_of(holder.locks) +
         ", " + the(what, other) + place_of(other) + " holds none. Take " +
         holder.locks.front().name() + " there as well.";
}

// Nobody holds a lock: what is usual between such tasks.
std::string about_tasks(const finding& what, const access_told& first, const access_told& second) {
  const task_told* a = what.task_of(first);
  const task_told* b = what.task_of(second);
  const bool small = first.size <= 8 && second.size <= 8;
  const std::string otherwise =
      std::string("guard both with one mutex") + (small ? ", or make the variable atomic" : "");
  if (a == nullptr || b == nullptr) return "No lock is held on either side: " + otherwise + ".";
  const bool a_made_b = b->parent == a->id && b->parent != 0;
  const bool b_made_a = a->parent == b->id && a->parent != 0;
  if (a_made_b || b_made_a) {
    const task_told& parent = a_made_b ? *a : *b;
    const task_told& child = a_made_b ? *b : *a;
    const access_told& of_parent = a_made_b ? first : second;
    return "No lock is held on either side. " + capital(phrase(parent)) + " started " +
           short_phrase(child) + ": let it join or otherwise wait for " + short_phrase(child) +
           " before " + the(of_parent) + place_of(of_parent) +
           ", or make that access before the start; or " + otherwise + ".";
  }
  if (a->kind == task_kind::fiber && b->kind == task_kind::fiber)
    return "No lock is held on either side. Hand the value from one fiber to the other through a "
           "channel, or " +
           otherwise + ".";
  if (a->kind == task_kind::fiber || b->kind == task_kind::fiber)
    return "No lock is held on either side, and one is a fiber, the other a thread: a "
           "gobench::mutex or a channel orders "
           "them, since both may wait there; or " +
           otherwise + ".";
  return "No lock is held on either side: " + otherwise + ", or let one thread wait for the other.";
}

std::string about_free(const access_told& first, const access_told& second) {
  const bool first_frees = first.what == operation::free_memory;
  const access_told& freeing = first_frees ? first : second;
  const access_told& access = first_frees ? second : first;
  return "The free" + place_of(freeing) + " has to come after " + the(access) + place_of(access) +
         ": wait for the task that still uses the block before it is freed, or let them share its "
         "ownership.";
}

std::string about_race(const finding& what, const access_told& first, const access_told& second) {
  if (is_atomic(first.what) != is_atomic(second.what)) {
    const access_told& plain = is_atomic(first.what) ? second : first;
    return "One side is atomic, the other is not: make " + the(plain) + place_of(plain) +
           " atomic as well (std::atomic or std::atomic_ref), or order it behind the other by a "
           "lock or a join.";
  }
  if (first.locks.empty() && second.locks.empty()) return about_tasks(what, first, second);
  return about_locks(what, first, second);
}

std::string about_deadlock(const finding& what) {
  bool joins = false;
  bool locks = false;
  bool reads = false;
  for (const access_told& access : what.accesses) {
    joins = joins || access.what == operation::join_task;
    locks = locks || access.what == operation::lock;
    reads = reads || access.what == operation::lock_shared;
    if (access.other_has_ended)
      return "The task that locked it has ended without unlocking it: use std::scoped_lock, which "
             "unlocks on every "
             "way out.";
  }
  if (joins)
    return "Do not hold a lock that a task needs while you wait for its end: unlock it before the "
           "join.";
  if (what.accesses.size() == 1)
    return "The task would wait for itself: do not call this from within itself, and do not lock "
           "again what it holds.";
  if (reads && locks)
    return "A writer that waits holds new readers back: do not take the lock for reading again "
           "while it is held, and "
           "take locks in one order everywhere.";
  return "Take these locks in the same order everywhere, or all at once with std::scoped_lock.";
}

std::string about_leak(const finding& what) {
  const operation waits_in = what.accesses.empty() ? operation::read : what.accesses[0].what;
  if (waits_in == operation::receive_channel)
    return "Close the channel when nothing more is sent, or let the task also wait for a context "
           "that is cancelled.";
  if (waits_in == operation::send_channel)
    return "Receive until the channel is closed, give it room for what nobody takes, or let the "
           "task also wait for a "
           "context that is cancelled.";
  if (waits_in == operation::use_nil_channel)
    return "Make the channel with make_chan before it is used: a nil one is never ready.";
  return "Let somebody wake it before the main task ends, and join it.";
}

}  // namespace

std::string advice_for(const finding& what) {
  const bool two = what.accesses.size() >= 2;
  switch (what.type) {
    case finding_type::data_race:
    case finding_type::atomic_race:
      return two ? about_race(what, what.accesses[0], what.accesses[1]) : "";
    case finding_type::use_after_free_race:
    case finding_type::race_with_free:
      return two ? about_free(what.accesses[0], what.accesses[1]) : "";
    case finding_type::use_after_free:
      return "The block was freed before this access, in an order that no timing changes: free it "
             "later, or drop "
             "this pointer when the block is freed.";
    case finding_type::vptr_race:
      return "A virtual call or a destructor runs while the object's class changes: the object is "
             "still under "
             "construction or already being destroyed. Let the other task finish with it first, "
             "and do not "
             "wait for tasks in a base class's destructor.";
    case finding_type::destroyed_while_locked:
      return "Unlock it before it is destroyed, or let it live longer than the tasks that use it.";
    case finding_type::unlock_by_another:
      return "Let the task that locked it unlock it. To hand something to another task, use a "
             "semaphore, a "
             "condition variable or a channel.";
    case finding_type::unlock_of_unlocked:
      return "Every unlock needs a lock before it: use std::lock_guard or std::unique_lock instead "
             "of calling unlock by hand.";
    case finding_type::double_lock:
      return "The task would wait for itself: do not lock again while it holds the lock, or use a "
             "recursive mutex.";
    case finding_type::invalid_lock:
      return "The lock was destroyed, or never initialised: let it live longer than the tasks that "
             "use it.";
    case finding_type::channel_close_race:
      return "Close the channel when all senders are done: let them report to a wait_group, and "
             "one task close after "
             "waiting for it.";
    case finding_type::deadlock:
      return about_deadlock(what);
    case finding_type::all_asleep:
      return "Look for what would have woken one of them: a send, a close, a notify or a done that "
             "was not reached, or "
             "that came before the wait and was lost.";
    case finding_type::lock_order:
      return "Take these locks in the same order everywhere, or all at once with std::scoped_lock.";
    case finding_type::read_lock_again:
      return "Do not take the lock for reading again while it is held: let go of it before, or "
             "pass on that it is held.";
    case finding_type::leak:
      return about_leak(what);
    case finding_type::destroyed_while_waited_for:
      return "Let the lock live longer than the tasks that use it: join them before it is "
             "destroyed.";
    case finding_type::condition_without_lock:
      return "Lock it before the wait, in the same task: without it a notify that comes in between "
             "is lost.";
    case finding_type::negative_wait_group:
      return "Call done once for each that was added, and add before the task is started.";
    case finding_type::add_beside_wait:
      return "Add before the task is started, in the task that waits or in one that it waits for: "
             "a wait that comes "
             "first returns too early.";
    case finding_type::send_on_closed:
      return "Close the channel after the last send: let the senders report to a wait_group, and "
             "one task close it "
             "after waiting for them.";
    case finding_type::close_of_closed:
      return "Let one task own the close of the channel.";
    case finding_type::close_of_nil:
      return "Make the channel with make_chan before it is used.";
    case finding_type::held_too_long:
      return "Do what takes long, such as input and output, outside of the lock.";
    case finding_type::waited_too_long:
      return "Look at who held it meanwhile: the option held_too_long_ms tells.";
  }
  return {};
}

}  // namespace gobench::detector::reporting
