// When does a read-write lock pay? (C2)
//
// Tasks share two numbers that are always equal: a write adds 1 to both, a read looks whether they are. What
// an operation is, is drawn at random with `read_pct` in a hundred being reads. The critical section is
// only a few instructions unless `hold_ns` makes it longer; short ones are where a read-write lock's own
// bookkeeping costs more than it gains.
//
// A reader that sees the numbers differ, or a lost write, ends the run. Drawing takes some 2 ns of each
// operation, with every lock. How long a writer waits among readers is not measured.
#include <gobench.hpp>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

#include "suites/crowd.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/peers/go.hpp"
#include "suites/random.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::not_found;
using mutex_vs_chan::read_write_locked;
using mutex_vs_chan::run_guarded;
using mutex_vs_chan::unguarded;
using mutex_vs_chan::wish;
using results::vehicle;

// A workload as in suites/mutex_vs_chan/workloads.hpp.
class two_numbers {
 public:
  static constexpr bool reads = true;

  class alignas(64) user {
   public:
    user(const point& where, int task)
        : random_(where.seed, task),
          read_pct_(static_cast<std::uint64_t>(where.number("read_pct"))) {}

    wish next() noexcept {
      ++done_;
      return {0, random_.percent() < read_pct_};
    }
    void saw(std::uint64_t value) noexcept {
      if (value == not_found) ++torn_;
    }
    std::uint64_t done() const { return done_; }
    std::uint64_t torn() const { return torn_; }

   private:
    task_random random_;
    std::uint64_t read_pct_;
    std::uint64_t done_ = 0;
    std::uint64_t torn_ = 0;
  };

  explicit two_numbers(const point&) {}

  void write(const wish&) noexcept {
    ++first_;
    asm volatile("" ::: "memory");  // one after the other, so that a reader beside it would notice
    ++second_;
  }
  std::uint64_t read(const wish&) const noexcept {
    const std::uint64_t first = first_;
    asm volatile("" ::: "memory");
    return first == second_ ? first : not_found;
  }

  proof proved(std::span<const user> users, const point& where, std::uint64_t operations) const {
    std::uint64_t written = 0;
    std::uint64_t done = 0;
    std::uint64_t torn = 0;
    for (std::size_t task = 0; task < users.size(); ++task) {
      written += writes_of(where, static_cast<int>(task), users[task].done());
      done += users[task].done();
      torn += users[task].torn();
    }
    return proof::equal("the number of operations", done, operations) &&
           proof::equal("the number of reads beside a write", torn, 0) &&
           proof::equal("the first number", first_, written) &&
           proof::equal("the second number", second_, written);
  }

  // How many of a task's operations were writes.
  static std::uint64_t writes_of(const point& where, int task, std::uint64_t operations) {
    user again(where, task);
    std::uint64_t writes = 0;
    for (std::uint64_t i = 0; i < operations; ++i) writes += again.next().read ? 0 : 1;
    return writes;
  }

 private:
  std::uint64_t first_ = 0;
  std::uint64_t second_ = 0;
};

std::uint64_t all_writes(const point& where, std::uint64_t operations) {
  std::uint64_t writes = 0;
  for (int task = 0; task < where.tasks; ++task) {
    writes += two_numbers::writes_of(where, task, share_of(operations, task, where.tasks));
  }
  return writes;
}

template <class Guard>
variant of(const std::string& impl) {
  return {.case_name = "two numbers",
          .impl = impl,
          .run = run_guarded<two_numbers, Guard>,
          .parameters = {"hold_ns", "read_pct"}};
}

variant by_go(const std::string& impl, const std::string& workload) {
  return {.case_name = "two numbers",
          .impl = impl,
          .run = peers::go(workload, "the numbers", all_writes),
          .parameters = {"hold_ns", "read_pct"},
          .vehicles = {vehicle::fiber},
          .peer = "go"};
}

std::vector<variant> all_variants() {
  std::vector<variant> made = {of<unguarded>("plain.loop"),
                               of<locked<std::mutex>>("std.mutex"),
                               of<read_write_locked<std::shared_mutex>>("std.shared_mutex"),
                               of<locked<mutex>>("gobench.mutex"),
                               of<read_write_locked<shared_mutex>>("gobench.shared_mutex"),
                               by_go("go.mutex", "register/mutex"),
                               by_go("go.rwmutex", "register/rwmutex")};
  made.front().baseline = true;
  return made;
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "rwmutex",
          .about = "When does a read-write lock pay? Shares of reads from none to all",
          .claims = {"C2"},
          .tasks = {1, 2, 8},
          .quick_tasks = {8},
          .parameters = {{.name = "hold_ns",
                          .about = "time computed while holding the lock, in ns",
                          .usual = {number(0), number(1000)},
                          .quick = {number(0)},
                          .most = 10'000'000},
                         {.name = "read_pct",
                          .about = "operations that only read, in percent",
                          .usual = {number(0), number(50), number(90), number(100)},
                          .quick = {number(50), number(90)},
                          .most = 100}},
          .metrics = team_metrics,
          .min_seconds = 0.01,
          .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
