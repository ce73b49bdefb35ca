// What do tasks that wait take away from the others, and how many threads do they take? (S6)
//
// `waiting` tasks wait for the whole sample; beside them `tasks` others work. An operation is 1 us of computing and a yield of
// one of the latter. If waiting parks the task and not its thread, it costs the others nothing and no thread: ns_per_op stays what
// it is beside none, and `threads` what procs says and a few. Cases, by what is waited for:
//   network   a byte from a socket, each its own
//   sleep     10 ms to be over, again and again: the only ones that run now and then
//   channel   a message, all from one channel
//   lock      a mutex that the main task holds
// Implementations: gobench.task on fibers (and on the runtime's threads, where each task has one), std.thread with what the
// standard and the system offer, go.goroutine. At most 1000 wait on threads. Reads of files, which
// no poller can wait for, are the suite syscall's.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <gobench.hpp>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "results/statistics.hpp"
#include "suites/beside.hpp"
#include "suites/peers/go.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;
using namespace std::chrono_literals;

constexpr std::int64_t most_on_threads = 1000;
constexpr auto one_sleep = 10ms;

// What all kinds of waiting have: how many wait, and how many have come back as they should.
class waiters {
 public:
  explicit waiters(const point& where) : tasks_(static_cast<int>(where.number("waiting"))) {}
  int tasks() const { return tasks_; }
  proof proved() const {
    return proof::equal("the number of tasks that have ended their wait",
                        back_.load(std::memory_order_relaxed), static_cast<std::uint64_t>(tasks_));
  }

 protected:
  void come_back(bool rightly = true) {
    back_.fetch_add(rightly ? 1 : 0, std::memory_order_relaxed);  // read after the joins
  }

 private:
  int tasks_;
  std::atomic<std::uint64_t> back_{0};
};

// The soft limit on open files is often 1024; up to the hard one everybody may raise it.
std::int64_t most_files() {
  static const std::int64_t most = [] {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return std::int64_t{0};
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    return static_cast<std::int64_t>(std::min<rlim_t>(files.rlim_max, 1'000'000));
  }();
  return most;
}

bool enough_files(const point& at) {
  constexpr std::int64_t others = 100;
  return 2 * at.number("waiting") + others <= most_files();
}

bool enough_threads(const point& at) {
  return at.runs_on != vehicle::thread || at.number("waiting") <= most_on_threads;
}

// --- ours ---

class on_network : public waiters {
 public:
  explicit on_network(const point& where) : waiters(where) {
    for (int i = 0; i < tasks(); ++i) pairs_.push_back(net::unix_stream::pair());
  }
  void wait(int task) {
    std::byte got{};
    const std::size_t n = pairs_[static_cast<std::size_t>(task)].first.read(std::span(&got, 1));
    come_back(n == 1 && got == byte_for(task));
  }
  void release() {
    for (int i = 0; i < tasks(); ++i) {
      const std::byte one = byte_for(i);
      pairs_[static_cast<std::size_t>(i)].second.write(std::span(&one, 1));
    }
  }

 private:
  static std::byte byte_for(int task) { return static_cast<std::byte>(task % 251); }
  std::vector<std::pair<net::unix_stream, net::unix_stream>> pairs_;
};

class on_sleep : public waiters {
 public:
  using waiters::waiters;
  void wait(int) {
    while (!over_.load(std::memory_order_relaxed)) gobench::sleep_for(one_sleep);
    come_back();
  }
  void release() { over_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> over_{false};
};

class on_channel : public waiters {
 public:
  using waiters::waiters;
  void wait(int) { come_back(messages_.recv() == 7); }
  void release() {
    for (int i = 0; i < tasks(); ++i) messages_.send(7);
  }

 private:
  chan<int> messages_ = make_chan<int>();
};

// Locked and unlocked by the main task, as a mutex is to be.
template <class Mutex>
class on_lock : public waiters {
 public:
  explicit on_lock(const point& where) : waiters(where) { lock_.lock(); }
  void wait(int) {
    const std::scoped_lock held(lock_);
    come_back();
  }
  void release() { lock_.unlock(); }

 private:
  Mutex lock_;
};

// --- of threads ---

class std_on_network : public waiters {
 public:
  explicit std_on_network(const point& where) : waiters(where) {
    for (int i = 0; i < tasks(); ++i) {
      std::array<int, 2> ends{-1, -1};
      if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        const int refused = errno;
        close_all();
        throw std::system_error(refused, std::generic_category(), "socketpair");
      }
      pairs_.push_back(ends);
    }
  }
  std_on_network(const std_on_network&) = delete;
  std_on_network& operator=(const std_on_network&) = delete;
  ~std_on_network() { close_all(); }

  void wait(int task) {
    char got = 0;
    ssize_t n = 0;
    while ((n = ::read(pairs_[static_cast<std::size_t>(task)][0], &got, 1)) < 0 && errno == EINTR) {
    }
    come_back(n == 1 && got == 'x');
  }
  void release() {
    for (const auto& ends : pairs_) static_cast<void>(!::write(ends[1], "x", 1));
  }

 private:
  void close_all() {
    for (const auto& ends : pairs_) {
      for (const int one : ends) ::close(one);
    }
  }
  std::vector<std::array<int, 2>> pairs_;
};

class std_on_sleep : public waiters {
 public:
  using waiters::waiters;
  void wait(int) {
    while (!over_.load(std::memory_order_relaxed)) std::this_thread::sleep_for(one_sleep);
    come_back();
  }
  void release() { over_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> over_{false};
};

// A channel as one writes it with a condition variable.
class std_on_channel : public waiters {
 public:
  using waiters::waiters;
  void wait(int) {
    std::unique_lock held(lock_);
    more_.wait(held, [this] { return messages_ > 0; });
    --messages_;
    come_back();
  }
  void release() {
    for (int i = 0; i < tasks(); ++i) {
      const std::scoped_lock held(lock_);
      ++messages_;
      more_.notify_one();
    }
  }

 private:
  std::mutex lock_;
  std::condition_variable more_;
  int messages_ = 0;
};

template <class Kind, class Carrier>
measurement run(const point& where, std::uint64_t iterations) {
  // The lock is to be taken by a task: so is everything else made in the run.
  struct made_within {
    const point& at;
    std::optional<Kind> kind;
    int tasks() {
      if (!kind) kind.emplace(at);
      return kind->tasks();
    }
    void wait(int task) { kind->wait(task); }
    void release() {
      if (kind) kind->release();
    }
    proof proved() const { return kind->proved(); }
  } waiting{where, {}};
  return work_beside<Carrier>(where, iterations, waiting);
}

template <class Ours, class Std>
void add_variants(std::vector<variant>& to, const std::string& name) {
  const bool network = name == "network";
  const auto applies = [network](const point& at) {
    return enough_threads(at) && (!network || enough_files(at));
  };
  to.push_back({.case_name = name,
                .impl = "gobench.task",
                .run = run<Ours, our_tasks>,
                .parameters = {"waiting"},
                .applies = applies});
  to.push_back({.case_name = name,
                .impl = "std.thread",
                .run = run<Std, std_threads>,
                .parameters = {"waiting"},
                .vehicles = {vehicle::thread},
                .applies = applies});
  to.push_back({.case_name = name,
                .impl = "go.goroutine",
                .run = peers::go("blocking/" + name, "the number of operations"),
                .parameters = {"waiting"},
                .vehicles = {vehicle::fiber},
                .applies = applies,
                .peer = "go"});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants<on_network, std_on_network>(made, "network");
  add_variants<on_sleep, std_on_sleep>(made, "sleep");
  add_variants<on_channel, std_on_channel>(made, "channel");
  add_variants<on_lock<gobench::mutex>, on_lock<std::mutex>>(made, "lock");
  return made;
}

// By case: what the fibers' work takes beside the most that wait, relative to beside none, and the threads.
std::string answer(std::span<const results::sample> samples) {
  const auto waiting_of = [](const results::sample& one) {
    const results::value* found = one.parameters.find("waiting");
    const auto* n = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    return n == nullptr ? -1 : *n;
  };
  std::int64_t most = 0;
  for (const results::sample& one : samples) most = std::max(most, waiting_of(one));
  std::string text;
  for (const char* name : {"network", "sleep", "channel", "lock"}) {
    std::vector<double> beside_none;
    std::vector<double> beside_most;
    std::int64_t threads = 0;
    for (const results::sample& one : samples) {
      const results::value* counted = one.metrics.find(metric_threads);
      if (one.case_name != name || one.impl != "gobench.task" || one.runs_on != vehicle::fiber ||
          one.tasks != samples.front().tasks || one.procs != samples.front().procs ||
          counted == nullptr)
        continue;
      if (waiting_of(one) == 0) beside_none.push_back(one.ns_per_op);
      if (waiting_of(one) != most) continue;
      beside_most.push_back(one.ns_per_op);
      threads = std::max(threads, std::get<std::int64_t>(*counted));
    }
    if (most == 0 || beside_none.size() < 3 || beside_most.size() < 3) return "";
    text += fmt::format("{}{} {:.2f} times with {} threads", text.empty() ? "" : "; ", name,
                        results::median(beside_most) / results::median(beside_none), threads);
  }
  return fmt::format(
      "Beside {} fibers that wait, the others' work takes, of what it takes beside none: {} "
      "(medians; all "
      "threads of the process).",
      most, text);
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "blocking",
          .about = "What do tasks that wait take away from the others, and how many threads?",
          .claims = {"S6"},
          .procs = {1},
          .parameters = {{.name = "waiting",
                          .about = "tasks that wait",
                          .usual = {number(0), number(1000), number(10'000)},
                          .quick = {number(0), number(400)},
                          .most = 1'000'000}},
          .metrics = {metric_threads},
          .shown = {metric_threads},
          .repetitions = 4,
          .min_seconds = 0.02,
          .round_seconds = 1e-6,  // what work_beside() computes
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
