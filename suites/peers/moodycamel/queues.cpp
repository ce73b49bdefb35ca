// moodycamel::BlockingConcurrentQueue, on threads of ours: who waits blocks its thread.
//
// A queue without bound and lock-free but for its waiting; numbers of one producer stay in order, those of several
// do not. It has no close(): the last producer sends each consumer a number that means the end. That may
// overtake numbers of other producers, so who finds it looks whether there is another number before it ends.
#include <blockingconcurrentqueue.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "suites/lines.hpp"
#include "suites/registry.hpp"
#include "suites/transfer.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

// A link as in suites/transfer.hpp and suites/lines.hpp.
class blocking_queue {
 public:
  explicit blocking_queue(int consumers) : consumers_(consumers) {}

  void send(std::uint64_t number) { numbers_.enqueue(number); }
  std::optional<std::uint64_t> recv() {
    std::uint64_t number = 0;
    numbers_.wait_dequeue(number);
    return number == the_end ? after_the_end() : std::optional(number);
  }
  void close() {
    for (int i = 0; i < consumers_; ++i) numbers_.enqueue(the_end);
  }

 private:
  static constexpr std::uint64_t the_end = 0;  // numbers begin with 1

  // An end has been taken, so all numbers have been put before: who finds none but ends has seen them all. The ends
  // of others go back.
  std::optional<std::uint64_t> after_the_end() {
    std::optional<std::uint64_t> found;
    int back = 0;
    for (std::uint64_t next = 0; !found && numbers_.try_dequeue(next);) {
      if (next != the_end) found = next;
      ++back;
    }
    for (int i = 0; i < back; ++i) numbers_.enqueue(the_end);
    return found;
  }

  const int consumers_;
  moodycamel::BlockingConcurrentQueue<std::uint64_t> numbers_;
};

measurement by_transfer(const point& where, std::uint64_t iterations) {
  blocking_queue numbers(where.tasks / 2);
  return transfer(where, iterations, numbers);
}

const more_variants in_chan_buffer{"chan-buffer",
                                   {{.case_name = "transfer",
                                     .impl = "moodycamel.queue",
                                     .run = by_transfer,
                                     .vehicles = {vehicle::thread},
                                     .applies = even_tasks,
                                     .peer = "moodycamel"}}};

// No number is 0 in these shapes either; every link has one receiver but that from which a line fans out.
template <line_shape Shape>
measurement by_line(const point& where, std::uint64_t iterations) {
  return measure_line(Shape, where, iterations,
                      [&] { return std::make_unique<blocking_queue>(where.tasks); });
}

template <line_shape Shape>
variant in_line() {
  return {.case_name = to_string(Shape),
          .impl = "moodycamel.queue",
          .run = by_line<Shape>,
          .parameters = {"work_ns"},
          .vehicles = {vehicle::thread},
          .applies = [](const point& at) { return at.tasks <= 100; },
          .peer = "moodycamel"};
}

const more_variants in_pipeline{"pipeline",
                                {in_line<line_shape::chain>(), in_line<line_shape::fan_out>(),
                                 in_line<line_shape::fan_in>(), in_line<line_shape::fan_out_in>()}};

}  // namespace

}  // namespace gobench::suites
