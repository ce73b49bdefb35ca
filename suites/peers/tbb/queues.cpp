// The blocking queue of oneTBB, on threads of ours: it works on any thread.
//
// It has no close(): the last producer sends each consumer a number that means the end.
#include <oneapi/tbb/concurrent_queue.h>

#include <cstdint>
#include <optional>

#include "suites/registry.hpp"
#include "suites/transfer.hpp"

namespace gobench::suites {

namespace {

class bounded_queue {
 public:
  bounded_queue(std::int64_t capacity, int consumers) : consumers_(consumers) {
    numbers_.set_capacity(capacity);
  }

  void send(std::uint64_t number) { numbers_.push(number); }
  std::optional<std::uint64_t> recv() {
    std::uint64_t number = 0;
    numbers_.pop(number);
    if (number == the_end) return std::nullopt;
    return number;
  }
  void close() {
    for (int i = 0; i < consumers_; ++i) numbers_.push(the_end);
  }

 private:
  static constexpr std::uint64_t the_end = 0;  // numbers begin with 1
  const int consumers_;
  tbb::concurrent_bounded_queue<std::uint64_t> numbers_;
};

measurement by_bounded_queue(const point& where, std::uint64_t iterations) {
  bounded_queue numbers(where.number("capacity"), where.tasks / 2);
  return transfer(where, iterations, numbers);
}

const more_variants registered{
    "chan-buffer",
    {{.case_name = "transfer",
      .impl = "tbb.bounded_queue",
      .run = by_bounded_queue,
      .parameters = {"capacity"},
      .vehicles = {results::vehicle::thread},
      .applies = [](const point& at) { return even_tasks(at) && at.number("capacity") > 0; },
      .peer = "tbb"}}};

}  // namespace

}  // namespace gobench::suites
