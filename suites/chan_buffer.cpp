// What does a channel's buffer bring, and what does an unbounded one cost? (C6, C7)
//
// Half of the tasks send numbers through one channel, half receive them; an operation is a number. With two
// tasks that is one producer and one consumer (1:1), with eight 4:4. Both sides do nothing else, so their
// rates match as well as they can: this is the best that a buffer can bring. Rates that differ, bursts and
// the memory that an unbounded channel takes when its consumer is too slow are not measured here.
//
// std.queue is what one writes without channels: a std::deque, a mutex and two condition variables, on
// threads only, since a condition variable of std blocks the thread of every fiber on it.
#include <condition_variable>
#include <deque>
#include <gobench.hpp>
#include <mutex>
#include <optional>

#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/transfer.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

measurement by_channel(const point& where, std::uint64_t iterations) {
  auto queue = make_chan<std::uint64_t>(static_cast<std::size_t>(where.number("capacity")));
  return transfer(where, iterations, queue);
}

measurement by_unbounded_channel(const point& where, std::uint64_t iterations) {
  auto queue = make_unbounded_chan<std::uint64_t>();
  return transfer(where, iterations, queue);
}

class locked_queue {
 public:
  explicit locked_queue(std::size_t capacity) : capacity_(capacity) {}

  void send(std::uint64_t number) {
    std::unique_lock held(lock_);
    not_full_.wait(held, [this] { return numbers_.size() < capacity_; });
    numbers_.push_back(number);
    held.unlock();
    not_empty_.notify_one();
  }
  std::optional<std::uint64_t> recv() {
    std::unique_lock held(lock_);
    not_empty_.wait(held, [this] { return closed_ || !numbers_.empty(); });
    if (numbers_.empty()) return std::nullopt;
    const std::uint64_t number = numbers_.front();
    numbers_.pop_front();
    held.unlock();
    not_full_.notify_one();
    return number;
  }
  void close() {
    {
      const std::scoped_lock held(lock_);
      closed_ = true;
    }
    not_empty_.notify_all();
  }

 private:
  const std::size_t capacity_;
  std::mutex lock_;
  std::condition_variable not_full_;
  std::condition_variable not_empty_;
  std::deque<std::uint64_t> numbers_;
  bool closed_ = false;
};

measurement by_locked_queue(const point& where, std::uint64_t iterations) {
  locked_queue queue(static_cast<std::size_t>(where.number("capacity")));
  return transfer(where, iterations, queue);
}

results::value number(std::int64_t n) { return n; }

const registration registered{suite{
    .name = "chan-buffer",
    .about = "What does a channel's buffer bring? Numbers from producers to consumers",
    .claims = {"C6", "C7", "S2"},
    .tasks = {2, 8},
    .quick_tasks = {2},
    .procs = {1, 0},
    .parameters = {{.name = "capacity",
                    .about = "elements that the channel buffers",
                    .usual = {number(0), number(1), number(16), number(128)},
                    .quick = {number(0), number(128)},
                    .most = 1'000'000}},
    .min_seconds = 0.01,
    .variants = {
        {.case_name = "transfer",
         .impl = "gobench.chan",
         .run = by_channel,
         .parameters = {"capacity"},
         .applies = even_tasks},
        {.case_name = "transfer",
         .impl = "gobench.unbounded_chan",
         .run = by_unbounded_channel,
         .applies = even_tasks},
        {.case_name = "transfer",
         .impl = "std.queue",
         .run = by_locked_queue,
         .parameters = {"capacity"},
         .vehicles = {vehicle::thread},
         .applies = [](const point& at) { return even_tasks(at) && at.number("capacity") > 0; }},
        {.case_name = "transfer",
         .impl = "go.chan",
         .run = peers::go("transfer/chan", "the sum of the numbers received", all_numbers),
         .parameters = {"capacity"},
         .vehicles = {vehicle::fiber},
         .applies = even_tasks,
         .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
