#include "runtime/internal/timer_heap.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

namespace {
constexpr std::size_t arity = 4;
}

void timer_heap::place(std::size_t index, timer_entry* entry) noexcept {
  heap_[index] = entry;
  entry->position = index + 1;
}

void timer_heap::sift_up(std::size_t index, timer_entry* entry) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / arity;
    if (heap_[parent]->when_ns <= entry->when_ns) break;
    place(index, heap_[parent]);
    index = parent;
  }
  place(index, entry);
}

void timer_heap::sift_down(std::size_t index, timer_entry* entry) noexcept {
  for (;;) {
    const std::size_t first = index * arity + 1;
    if (first >= heap_.size()) break;
    const std::size_t last = std::min(first + arity, heap_.size());
    std::size_t best = first;
    for (std::size_t child = first + 1; child < last; ++child)
      if (heap_[child]->when_ns < heap_[best]->when_ns) best = child;
    if (entry->when_ns <= heap_[best]->when_ns) break;
    place(index, heap_[best]);
    index = best;
  }
  place(index, entry);
}

void timer_heap::remove_at(std::size_t index) noexcept {
  heap_[index]->position = 0;
  timer_entry* last = heap_.back();
  heap_.pop_back();
  if (index == heap_.size()) return;
  if (index > 0 && last->when_ns < heap_[(index - 1) / arity]->when_ns) {
    sift_up(index, last);
  } else {
    sift_down(index, last);
  }
}

void timer_heap::note_earliest() noexcept {
  // Others take it for a guess. A worker that goes to sleep reads it after the scheduler's lock, which
  // whoever added a timer has passed through when it went to sleep itself. Release pairs with earliest().
  earliest_.store(heap_.empty() ? never : heap_.front()->when_ns, std::memory_order_release);
}

void timer_heap::add(timer_entry& entry) {
  const std::scoped_lock held(lock_);
  heap_.push_back(&entry);
  entry.home = this;
  sift_up(heap_.size() - 1, &entry);
  note_earliest();
}

bool timer_heap::remove(timer_entry& entry) noexcept {
  const std::scoped_lock held(lock_);
  if (entry.position == 0) return false;
  remove_at(entry.position - 1);
  note_earliest();
  return true;
}

timer_entry* timer_heap::take_due(std::int64_t now_ns) noexcept {
  const std::scoped_lock held(lock_);
  if (heap_.empty() || heap_.front()->when_ns > now_ns) return nullptr;
  timer_entry* first = heap_.front();
  remove_at(0);
  note_earliest();
  return first;
}

bool timer_heap::holds(const timer_entry& entry) noexcept {
  const std::scoped_lock held(lock_);
  return entry.position != 0;
}

void timer_heap::make_room(std::size_t entries) {
  const std::scoped_lock held(lock_);
  if (heap_.capacity() - heap_.size() >= entries) return;
  heap_.reserve(std::max(heap_.size() + entries, 2 * heap_.capacity()));
}

void timer_heap::clear() noexcept {
  const std::scoped_lock held(lock_);
  for (timer_entry* entry : heap_) entry->position = 0;
  heap_.clear();
  note_earliest();
}

std::size_t timer_heap::fire(std::int64_t now_ns) noexcept {
  std::size_t fired = 0;
  std::array<waiter*, 32> due;
  for (std::size_t count = due.size(); count == due.size();) {
    count = 0;
    {
      const std::scoped_lock held(lock_);
      while (count < due.size() && !heap_.empty() && heap_.front()->when_ns <= now_ns) {
        due[count++] = heap_.front()->wakes;
        remove_at(0);
      }
      fired_.store(fired_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
      note_earliest();
    }
    for (std::size_t i = 0; i < count; ++i) unpark(*due[i]);
    fired += count;
  }
  return fired;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
