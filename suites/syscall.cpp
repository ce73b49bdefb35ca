// What do tasks that sit in a blocking system call take away from the others? (S8)
//
// `blocked` tasks read from a pipe each, with read(), to which a thread outside the run writes a byte every read_ms; so they
// sit in the kernel nearly all of the time. Beside them `tasks` others work: an operation is 1 us of computing and a yield of one
// of these. `threads` is how many OS threads the process has at the end. Implementations:
//   gobench.blocking            read() inside gobench::blocking(): the scheduler knows, and another thread takes the processor
//   gobench.read                a bare read() on a fiber: the scheduler finds out after 10 ms (options::hand_off, on by
//                               default), for each reader anew. All have their bytes at the same time, so with many of
//                               them this may be slower than to wait for all at once, as the next one does
//   gobench.read_no_hand_off    the same without hand-off: with one processor, everybody waits for each read; up to 4
//                               blocked
//   gobench.thread std.thread   a thread for each task
//   go.syscall                  syscall.Read() in a goroutine, which Go's scheduler always watches
//
// What a pipe's reader could do instead, which is to wait at the poller, is in the suite blocking. The byte's way and how late it
// is read are not measured.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <gobench.hpp>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "results/statistics.hpp"
#include "suites/beside.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::int64_t most_without_hand_off = 4;

// Readers of pipes, and the thread that feeds them.
class readers {
 public:
  explicit readers(const point& where)
      : between_(where.number("read_ms")),
        pipes_(static_cast<std::size_t>(where.number("blocked"))) {
    for (one_pipe& one : pipes_) {
      if (::pipe2(one.ends.data(), O_CLOEXEC) != 0) {
        const int refused = errno;
        close_all();
        throw std::system_error(refused, std::generic_category(), "pipe");
      }
    }
    if (!pipes_.empty()) feeder_ = std::thread([this] { feed(); });
  }
  readers(const readers&) = delete;
  readers& operator=(const readers&) = delete;
  ~readers() {
    stop();
    close_all();
  }

  int tasks() const { return static_cast<int>(pipes_.size()); }

  // Reads until there is nothing more to come; read_one(fd, byte) is how.
  template <class Read, class Between>
  void read_all(int task, Read read_one, Between between) {
    one_pipe& mine = pipes_[static_cast<std::size_t>(task)];
    for (;;) {
      char got = 0;
      const ssize_t n = read_one(mine.ends[0], &got);
      if (n < 0) continue;  // EINTR
      if (n == 0) return;
      mine.read += static_cast<unsigned char>(got);
      between();
    }
  }

  void release() { stop(); }

  proof proved() const {
    proof all = proof::that(true, "");
    for (const one_pipe& one : pipes_)
      all = all && proof::equal("the sum of the bytes that were read", one.read, one.written);
    return all;
  }

 private:
  struct alignas(64) one_pipe {
    std::array<int, 2> ends{-1, -1};
    std::uint64_t read = 0;
    std::uint64_t written = 0;
  };

  void feed() {
    for (unsigned char next = 1; !over_.load(std::memory_order_relaxed); next = next % 100 + 1) {
      std::this_thread::sleep_for(between_);
      for (one_pipe& one : pipes_) {
        if (::write(one.ends[1], &next, 1) == 1) one.written += next;
      }
    }
    for (one_pipe& one : pipes_) {
      ::close(one.ends[1]);  // the end for its reader
      one.ends[1] = -1;
    }
  }
  void stop() {
    over_.store(true, std::memory_order_relaxed);
    if (feeder_.joinable()) feeder_.join();
  }
  void close_all() {
    for (const one_pipe& one : pipes_) {
      for (const int end : one.ends) {
        if (end >= 0) ::close(end);
      }
    }
  }

  std::chrono::milliseconds between_;
  std::vector<one_pipe> pipes_;
  std::atomic<bool> over_{false};
  std::thread feeder_;
};

struct known_to_the_scheduler : readers {
  using readers::readers;
  void wait(int task) {
    read_all(
        task,
        [](int fd, char* into) { return gobench::blocking([&] { return ::read(fd, into, 1); }); },
        [] {});
  }
};

// The yield is for the others: without hand-off they have no other chance.
struct unknown_to_it : readers {
  using readers::readers;
  void wait(int task) {
    read_all(
        task, [](int fd, char* into) { return ::read(fd, into, 1); }, [] { gobench::yield(); });
  }
};

struct on_a_thread : readers {
  using readers::readers;
  void wait(int task) {
    read_all(
        task, [](int fd, char* into) { return ::read(fd, into, 1); }, [] {});
  }
};

// Runs as programs have them.
struct with_hand_off : our_tasks {
  template <class Main>
  static void run(const point& where, Main main) {
    options how = options_at(where);
    how.hand_off = true;
    gobench::run(how, std::move(main));
  }
};

template <class Readers, class Carrier>
measurement run(const point& where, std::uint64_t iterations) {
  Readers waiting(where);
  return work_beside<Carrier>(where, iterations, waiting);
}

const std::string by_blocking = "gobench.blocking";

template <class Readers, class Carrier>
variant of(const std::string& impl, vehicle on) {
  return {.case_name = "read",
          .impl = impl,
          .run = run<Readers, Carrier>,
          .parameters = {"blocked", "read_ms"},
          .vehicles = {on}};
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {
      of<known_to_the_scheduler, with_hand_off>(by_blocking, vehicle::fiber),
      of<unknown_to_it, with_hand_off>("gobench.read", vehicle::fiber),
      of<unknown_to_it, our_tasks>("gobench.read_no_hand_off", vehicle::fiber),
      of<on_a_thread, our_tasks>("gobench.thread", vehicle::thread),
      of<on_a_thread, std_threads>("std.thread", vehicle::thread)};
  made[2].applies = [](const point& at) {
    return at.number("blocked") > 0 && at.number("blocked") <= most_without_hand_off;
  };
  made.push_back({.case_name = "read",
                  .impl = "go.syscall",
                  .run = peers::go("syscall/read", "the number of operations"),
                  .parameters = {"blocked", "read_ms"},
                  .vehicles = {vehicle::fiber},
                  .peer = "go"});
  return made;
}

// What the work takes beside the most that are blocked, relative to beside none.
std::string answer(std::span<const results::sample> samples) {
  const auto blocked_of = [](const results::sample& one) {
    const results::value* found = one.parameters.find("blocked");
    const auto* n = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    return n == nullptr ? -1 : *n;
  };
  std::int64_t most = 0;
  for (const results::sample& one : samples) most = std::max(most, blocked_of(one));
  const auto ratio = [&](std::string_view impl) -> std::string {
    std::vector<double> none;
    std::vector<double> all;
    for (const results::sample& one : samples) {
      if (one.impl != impl || one.procs != 1 || one.tasks != samples.front().tasks) continue;
      if (blocked_of(one) == 0) none.push_back(one.ns_per_op);
      if (blocked_of(one) == most) all.push_back(one.ns_per_op);
    }
    if (none.size() < 3 || all.size() < 3) return "";
    const double times = results::median(all) / results::median(none);
    return times < 100 ? fmt::format("{:.3g}", times) : fmt::format("{:.0f}", times);
  };
  const std::string known = ratio(by_blocking);
  const std::string unknown = ratio("gobench.read");
  if (most == 0 || known.empty() || unknown.empty()) return "";
  const std::string go = ratio("go.syscall");
  return fmt::format(
      "Beside {} tasks in a blocking read, the others' work on one processor takes {} times what "
      "it takes beside none when the "
      "read is in blocking(), and {} times when it is not{} (medians).",
      most, known, unknown, go.empty() ? "" : "; in Go " + go + " times");
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "syscall",
          .about = "What do tasks that sit in a blocking system call take away from the others?",
          .claims = {"S8"},
          .procs = {1},
          .parameters = {{.name = "blocked",
                          .about = "tasks in a blocking read",
                          .usual = {number(0), number(1), number(4), number(64)},
                          .quick = {number(0), number(4)},
                          .most = 400},
                         {.name = "read_ms",
                          .about = "how long each read blocks, in ms",
                          .usual = {number(20)},
                          .quick = {number(20)},
                          .least = 1,
                          .most = 1000}},
          .metrics = {metric_threads},
          .shown = {metric_threads},
          .repetitions = 4,
          .min_seconds = 0.1,
          .quick_min_seconds = 0.05,
          .round_seconds = 1e-6,  // what work_beside() computes
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
