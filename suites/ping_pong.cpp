// How long does it take to send a task a number and get an answer? (C5, S2)
//
// An operation is a round trip: one task of a pair sends a number, the other adds 1 and sends it back. With
// more than two tasks there are as many independent pairs. Measured with one processor, where a round trip
// is two switches, and with all, where it may go from CPU to CPU and back.
//
// Channels are unbuffered: both sides wait for each other. The others are what a program without
// channels uses: a condition variable, an atomic that is waited on (a futex), a pipe between threads or
// between processes. On one CPU these pay two context switches of the kernel, on two the wake-up of a CPU
// that sleeps; spinning instead is left out, and so is a pair of a fiber and a thread.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <gobench.hpp>
#include <mutex>
#include <system_error>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

// 0 + 1 + ... + (n - 1), each with 1 added.
std::uint64_t answers(std::uint64_t n) { return n * (n + 1) / 2; }

std::uint64_t all_answers(const point& where, std::uint64_t operations) {
  std::uint64_t sum = 0;
  const int pairs = where.tasks / 2;
  for (int pair = 0; pair < pairs; ++pair) sum += answers(share_of(operations, pair, pairs));
  return sum;
}

// Way: send(i) and answer() of the first side, echo() of the second.
template <class Way>
measurement run_pairs(const point& where, std::uint64_t iterations) {
  const int pairs = where.tasks / 2;
  std::vector<Way> ways(static_cast<std::size_t>(pairs));
  std::atomic<std::uint64_t> sum{0};
  auto taken = measure_crowd(where, 2 * pairs, iterations, [&](int task) {
    Way& way = ways[static_cast<std::size_t>(task / 2)];
    const std::uint64_t share = share_of(iterations, task / 2, pairs);
    if (task % 2 == 0) {
      std::uint64_t own = 0;
      for (std::uint64_t i = 0; i < share; ++i) own += way.ask(i);
      sum += own;
    } else {
      for (std::uint64_t i = 0; i < share; ++i) way.echo();
    }
  });
  taken.result = proof::equal("the sum of the answers", sum, all_answers(where, iterations));
  return taken;
}

struct channels {
  chan<std::uint64_t> there = make_chan<std::uint64_t>();
  chan<std::uint64_t> back = make_chan<std::uint64_t>();

  std::uint64_t ask(std::uint64_t i) {
    there.send(i);
    return back.recv().value_or(0);
  }
  void echo() { back.send(there.recv().value_or(0) + 1); }
};

struct alignas(64) condition {
  std::mutex lock;
  std::condition_variable changed;
  std::uint64_t number = 0;
  bool asked = false;

  std::uint64_t ask(std::uint64_t i) {
    std::unique_lock held(lock);
    number = i;
    asked = true;
    changed.notify_one();
    changed.wait(held, [this] { return !asked; });
    return number;
  }
  void echo() {
    std::unique_lock held(lock);
    changed.wait(held, [this] { return asked; });
    ++number;
    asked = false;
    changed.notify_one();
  }
};

struct alignas(64) waited_atomic {
  std::uint64_t number = 0;
  std::atomic<std::uint32_t> turn{0};  // odd: asked

  void pass(std::uint32_t to) {
    turn.store(to);
    turn.notify_one();
  }
  std::uint64_t ask(std::uint64_t i) {
    number = i;
    const std::uint32_t mine = turn.load() + 1;
    pass(mine);
    turn.wait(mine);
    return number;
  }
  void echo() {
    std::uint32_t seen = turn.load();
    while (seen % 2 == 0) {
      turn.wait(seen);
      seen = turn.load();
    }
    ++number;
    pass(seen + 1);
  }
};

// A pipe each way.
class pipes {
 public:
  pipes() {
    if (::pipe(there_.data()) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
    if (::pipe(back_.data()) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe");
    }
  }
  pipes(const pipes&) = delete;
  pipes& operator=(const pipes&) = delete;
  ~pipes() {
    for (const int end : {there_[0], there_[1], back_[0], back_[1]}) ::close(end);
  }

  std::uint64_t ask(std::uint64_t i) {
    write_to(there_[1], i);
    return read_from(back_[0]);
  }
  void echo() { write_to(back_[1], read_from(there_[0]) + 1); }

 private:
  // A number is far below what a pipe moves as a whole.
  static void write_to(int end, std::uint64_t number) {
    while (::write(end, &number, sizeof number) != sizeof number) {
      if (errno != EINTR)
        throw std::system_error(errno, std::generic_category(), "write to a pipe");
    }
  }
  static std::uint64_t read_from(int end) {
    std::uint64_t number = 0;
    while (::read(end, &number, sizeof number) != sizeof number) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "read of a pipe");
    }
    return number;
  }

  std::array<int, 2> there_{};
  std::array<int, 2> back_{};
};

double cpu_of_children() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Parent and child. The child does nothing but answer, so that it needs nothing that a fork may break.
measurement run_processes(const point& where, std::uint64_t iterations) {
  const limited_cpus cpus(where.procs);
  pipes way;
  const double children = cpu_of_children();
  const pid_t child = ::fork();
  if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (child == 0) {
    for (std::uint64_t i = 0; i < iterations; ++i) way.echo();
    ::_exit(0);
  }
  stopwatch watch;
  watch.start();
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < iterations; ++i) sum += way.ask(i);
  watch.stop();
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  measurement taken = watch.taken(iterations);
  taken.cpu_seconds += cpu_of_children() - children;
  taken.result = proof::equal("the sum of the answers", sum, answers(iterations));
  return taken;
}

bool even(const point& at) { return at.tasks % 2 == 0; }

const registration registered{suite{
    .name = "ping-pong",
    .about =
        "How long until a number sent to another task is answered? Channels and what else there is",
    .claims = {"C5", "S2"},
    .tasks = {2},
    .quick_tasks = {2},
    .procs = {1, 0},
    .variants = {{.case_name = "round trip",
                  .impl = "gobench.chan",
                  .run = run_pairs<channels>,
                  .applies = even},
                 {.case_name = "round trip",
                  .impl = "std.condition_variable",
                  .run = run_pairs<condition>,
                  .vehicles = {vehicle::thread},
                  .applies = even},
                 {.case_name = "round trip",
                  .impl = "std.atomic_wait",
                  .run = run_pairs<waited_atomic>,
                  .vehicles = {vehicle::thread},
                  .applies = even},
                 {.case_name = "round trip",
                  .impl = "os.pipe",
                  .run = run_pairs<pipes>,
                  .vehicles = {vehicle::thread},
                  .applies = even},
                 {.case_name = "round trip",
                  .impl = "os.pipe_fork",
                  .run = run_processes,
                  .vehicles = {vehicle::process},
                  .applies = [](const point& at) { return at.tasks == 2; }},
                 {.case_name = "round trip",
                  .impl = "go.chan",
                  .run = peers::go("ping-pong/chan", "the sum of the answers", all_answers),
                  .vehicles = {vehicle::fiber},
                  .applies = even,
                  .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
