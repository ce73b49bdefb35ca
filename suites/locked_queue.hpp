// A bounded queue as one writes it with the standard library: a std::deque, a lock and two condition variables.
//
// For threads only: a condition variable of std blocks the thread of every fiber on it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace gobench::suites {

// Shaped like a channel: send() waits for room, recv() for a value, or returns nothing once the queue is closed and
// empty.
template <class T>
class locked_queue {
 public:
  explicit locked_queue(std::size_t capacity) : capacity_(capacity) {}

  void send(T value) {
    std::unique_lock held(lock_);
    not_full_.wait(held, [this] { return values_.size() < capacity_; });
    values_.push_back(std::move(value));
    held.unlock();
    not_empty_.notify_one();
  }
  std::optional<T> recv() {
    std::unique_lock held(lock_);
    not_empty_.wait(held, [this] { return closed_ || !values_.empty(); });
    if (values_.empty()) return std::nullopt;
    std::optional<T> value(std::move(values_.front()));
    values_.pop_front();
    held.unlock();
    not_full_.notify_one();
    return value;
  }
  void close() {
    {
      const std::scoped_lock held(lock_);
      closed_ = true;
    }
    not_empty_.notify_all();
  }
  std::size_t len() const {
    const std::scoped_lock held(lock_);
    return values_.size();
  }

 private:
  const std::size_t capacity_;
  mutable std::mutex lock_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::deque<T> values_;
  bool closed_ = false;
};

}  // namespace gobench::suites
