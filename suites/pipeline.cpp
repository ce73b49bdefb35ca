// Are goroutines like pipes? Numbers through stages, fanned out and fanned in (C10)
//
// An operation is one number from its source to its end. --tasks is how many stages there are (chain), or how
// many tasks work side by side (fan-out, fan-in, fan-out-in); the source and the sink come on top. Each stage adds 1
// and computes for work_ns. Beside channels:
//   gobench.co_chan  the same channels, awaited by stackless coroutines
//   std.queue        a bounded std::deque, std::mutex and two condition variables, for threads
//   posix.pipe       pipe(2), 8 bytes a number; a stage is a thread that reads and writes
//
// The more work_ns outweighs a link, the more a second CPU brings: where work_ns is 0, ns_per_op divided by the stages is
// the price of a link, and of the switch to whom it wakes. The prime sieve and skynet, which make their stages while they run, are
// suites of their own. Latency of a single number is not measured (suite ping-pong: round trips), nor are pipes
// between processes (suite ipc).
#include <unistd.h>

#include <array>
#include <cerrno>
#include <gobench.hpp>
#include <memory>
#include <system_error>

#include "suites/lines.hpp"
#include "suites/locked_queue.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;
using number_chan = chan<std::uint64_t>;

constexpr std::array shapes = {line_shape::chain, line_shape::fan_out, line_shape::fan_in,
                               line_shape::fan_out_in};
constexpr int most_threads = 100;

std::size_t capacity_at(const point& where) {
  return static_cast<std::size_t>(where.number("capacity"));
}

measurement by_channels(line_shape shape, const point& where, std::uint64_t iterations) {
  return measure_line(shape, where, iterations, [&] {
    return std::make_unique<number_chan>(make_chan<std::uint64_t>(capacity_at(where)));
  });
}

measurement by_queues(line_shape shape, const point& where, std::uint64_t iterations) {
  return measure_line(shape, where, iterations, [&] {
    return std::make_unique<locked_queue<std::uint64_t>>(capacity_at(where));
  });
}

// line::serve() for coroutines.
co_task<> serve(line<number_chan>& in, int task) {
  const line_role mine = in.role(task);
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
  if (mine.in == line_role::none) {
    for (std::uint64_t i = 1; i <= mine.share; ++i) co_await co::send(in.link(mine.out), i);
  } else {
    while (const auto number = co_await co::recv(in.link(mine.in))) {
      std::uint64_t value = *number;
      if (mine.works) {
        in.work();
        ++value;
      }
      if (mine.out != line_role::none) {
        co_await co::send(in.link(mine.out), value);
      } else {
        sum += value;
        ++count;
      }
    }
  }
  if (mine.out != line_role::none) in.sent(mine.out);
  in.got(sum, count);
}

measurement by_coroutines(line_shape shape, const point& where, std::uint64_t iterations) {
  line<number_chan> made(shape, where, iterations, [&] {
    return std::make_unique<number_chan>(make_chan<std::uint64_t>(capacity_at(where)));
  });
  auto taken = measure_coroutines(where, made.members(), iterations,
                                  [&](int task) { return serve(made, task); });
  taken.result = made.proved();
  return taken;
}

// A pipe. Writes and reads of 8 bytes are whole ones: less than PIPE_BUF, and the capacity is a multiple of it.
class pipe_link {
 public:
  pipe_link() {
    if (::pipe(ends_.data()) != 0)
      throw std::system_error(errno, std::generic_category(), "cannot make a pipe");
  }
  pipe_link(const pipe_link&) = delete;
  pipe_link& operator=(const pipe_link&) = delete;
  ~pipe_link() {
    close();
    ::close(ends_[0]);
  }

  void send(std::uint64_t number) {
    while (::write(ends_[1], &number, sizeof number) != sizeof number) failed_unless_interrupted();
  }
  std::optional<std::uint64_t> recv() {
    std::uint64_t number = 0;
    for (;;) {
      const ::ssize_t n = ::read(ends_[0], &number, sizeof number);
      if (n == sizeof number) return number;
      if (n == 0) return std::nullopt;
      failed_unless_interrupted();
    }
  }
  void close() {
    if (const int end = std::exchange(ends_[1], -1); end >= 0) ::close(end);
  }

 private:
  static void failed_unless_interrupted() {
    if (errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "cannot use a pipe");
  }
  std::array<int, 2> ends_{-1, -1};
};

measurement by_pipes(line_shape shape, const point& where, std::uint64_t iterations) {
  return measure_line(shape, where, iterations, [] { return std::make_unique<pipe_link>(); });
}

bool threads_there_can_be(const point& at) {
  return at.runs_on != vehicle::thread || at.tasks <= most_threads;
}

using line_operation = measurement (*)(line_shape, const point&, std::uint64_t);

variant one_impl(line_shape shape, const std::string& impl, line_operation run,
                 std::vector<std::string> parameters, std::vector<vehicle> vehicles) {
  return {.case_name = to_string(shape),
          .impl = impl,
          .run = [shape, run](const point& where, std::uint64_t n) { return run(shape, where, n); },
          .parameters = std::move(parameters),
          .vehicles = std::move(vehicles),
          .applies = threads_there_can_be};
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  for (const line_shape shape : shapes) {
    made.push_back(one_impl(shape, "gobench.chan", by_channels, {"capacity", "work_ns"},
                            {vehicle::fiber, vehicle::thread}));
    made.push_back(one_impl(shape, "gobench.co_chan", by_coroutines, {"capacity", "work_ns"},
                            {vehicle::coroutine}));
    made.push_back(
        one_impl(shape, "std.queue", by_queues, {"capacity", "work_ns"}, {vehicle::thread}));
    made.back().applies = [](const point& at) {
      return threads_there_can_be(at) && at.number("capacity") > 0;
    };
    made.push_back(one_impl(shape, "posix.pipe", by_pipes, {"work_ns"}, {vehicle::thread}));
    made.push_back({.case_name = to_string(shape),
                    .impl = "go.chan",
                    .run = peers::go("line/" + to_string(shape), "the sum at the end",
                                     [shape](const point& where, std::uint64_t n) {
                                       return all_in_line(shape, where, n);
                                     }),
                    .parameters = {"capacity", "work_ns"},
                    .vehicles = {vehicle::fiber},
                    .peer = "go"});
  }
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "pipeline",
          .about = "Are goroutines like pipes? Numbers through stages, fanned out and fanned in",
          .claims = {"C10", "V9"},
          .tasks = {1, 10, 100},
          .quick_tasks = {10},
          .parameters = {{.name = "capacity",
                          .about = "numbers that a link buffers",
                          .usual = {number(0), number(64)},
                          .quick = {number(0), number(64)},
                          .most = 1'000'000},
                         {.name = "work_ns",
                          .about = "time for which a stage computes on each number, in ns",
                          .usual = {number(0)},
                          .quick = {number(0)},
                          .most = 1'000'000'000}},
          .repetitions = 3,
          .min_seconds = 0.01,
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
