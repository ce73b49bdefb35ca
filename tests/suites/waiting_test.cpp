// What the suites about waiting see: waiting, blocking, syscall and priority-inversion. That each of their variants proves its
// result is in every_suite_test.cpp.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <gobench.hpp>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "suites/beside.hpp"
#include "suites/child.hpp"
#include "suites/priority_inversion.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::sample;
using gobench::results::value;
using gobench::results::vehicle;

double metric(const measurement& of, const std::string& name) {
  const value* found = of.metrics.find(name);
  if (found == nullptr) return std::nan("");
  if (const auto* n = std::get_if<std::int64_t>(found)) return static_cast<double>(*n);
  return std::get<double>(*found);
}

const variant& variant_of(const std::string& suite_name, const std::string& case_name,
                          const std::string& impl) {
  for (const variant& one : find_suite(suite_name)->variants) {
    if (one.case_name == case_name && one.impl == impl) return one;
  }
  throw std::logic_error(suite_name + " has no " + case_name + " by " + impl);
}

point at(vehicle on, int tasks) {
  point where;
  where.runs_on = on;
  where.procs = 1;
  where.tasks = tasks;
  return where;
}

// --- work beside others ---

// Tasks that wait for an event, and one that does not come back as it should, if so wished.
struct waiting_for_event {
  int all;
  bool lose_one = false;
  gobench::event end{};
  std::atomic<std::uint64_t> back{0};

  int tasks() const { return all; }
  void wait(int task) {
    end.wait();
    if (!lose_one || task != 0) back.fetch_add(1);
  }
  void release() { end.set(); }
  proof proved() const {
    return proof::equal("those back", back.load(), static_cast<std::uint64_t>(all));
  }
};

TEST(work_beside, shares_the_operations) {
  waiting_for_event waiting{.all = 20};
  const measurement taken = work_beside(at(vehicle::fiber, 3), 100, waiting);
  EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
  EXPECT_EQ(taken.operations, 100U);
  EXPECT_GT(taken.seconds, 0);
}

TEST(work_beside, proves_that_all_came_back) {
  waiting_for_event waiting{.all = 4, .lose_one = true};
  EXPECT_FALSE(work_beside(at(vehicle::fiber, 1), 5, waiting).result.holds());
}

TEST(work_beside, ends_early_when_it_takes_far_too_long) {
  waiting_for_event waiting{.all = 1};
  point where = at(vehicle::fiber, 2);
  where.most_seconds = 1e-3;  // an operation takes 1 us at least
  const measurement taken = work_beside(where, 100'000, waiting);
  EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
  EXPECT_LT(taken.operations, 100'000U);
  EXPECT_GE(taken.operations, 2U);
}

// --- blocking ---

TEST(blocking, takes_a_thread_for_each_thread_that_waits_and_none_for_a_fiber) {
  for (const std::string name : {"network", "sleep", "channel", "lock"}) {
    point where = at(vehicle::fiber, 1);
    where.parameters.set("waiting", std::int64_t{60});
    const measurement fibers = variant_of("blocking", name, "gobench.task").run(where, 20);
    EXPECT_TRUE(fibers.result.holds()) << fibers.result.wrong();
    EXPECT_LT(metric(fibers, "threads"), 40) << name;
    where.runs_on = vehicle::thread;
    for (const std::string impl : {"std.thread", "gobench.task"}) {
      const measurement threads = variant_of("blocking", name, impl).run(where, 20);
      EXPECT_TRUE(threads.result.holds()) << threads.result.wrong();
      EXPECT_GE(metric(threads, "threads"), 60) << name << " " << impl;
    }
  }
}

// --- syscall ---

TEST(syscall, a_read_that_the_scheduler_does_not_know_of_holds_up_the_others) {
  point where = at(vehicle::fiber, 1);
  where.parameters.set("blocked", std::int64_t{2});
  where.parameters.set("read_ms", std::int64_t{5});
  where.most_seconds = 0.03;
  const measurement taken =
      variant_of("syscall", "read", "gobench.read_no_hand_off").run(where, 100'000);
  EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
  EXPECT_LT(taken.operations, 100'000U);
  // The reads take their turns with the work: an operation waits for two of them.
  EXPECT_GE(taken.seconds / static_cast<double>(taken.operations), 1e-3);
}

TEST(syscall, is_left_out_without_hand_off_where_it_would_take_for_ever) {
  const variant& one = variant_of("syscall", "read", "gobench.read_no_hand_off");
  point where = at(vehicle::fiber, 1);
  for (const auto& [blocked, applies] :
       std::vector<std::pair<std::int64_t, bool>>{{0, false}, {1, true}, {4, true}, {5, false}}) {
    where.parameters.set("blocked", blocked);
    EXPECT_EQ(one.applies(where), applies) << blocked;
  }
}

// --- waiting ---

TEST(waiting, counts_every_message_of_every_task_in_every_way) {
  for (const variant& one : find_suite("waiting")->variants) {
    for (const vehicle on : one.vehicles) {
      point where = at(on, 3);
      where.procs = 2;
      where.parameters.set("gap_us", std::int64_t{20});
      where.parameters.set("spin_us", std::int64_t{1});
      where.parameters.set("poll_us", std::int64_t{10});
      const measurement taken = one.run(where, 100);
      EXPECT_TRUE(taken.result.holds()) << one.impl << ": " << taken.result.wrong();
      EXPECT_GE(metric(taken, "cpu_share"), 0) << one.impl;
      EXPECT_GE(metric(taken, "max_us"), metric(taken, "p50_us")) << one.impl;
    }
  }
}

// --- priority-inversion ---

point inversion_point() {
  point where = at(vehicle::thread, 2);
  where.parameters.set("hold_us", std::int64_t{50});
  where.parameters.set("burst_ms", std::int64_t{1});
  return where;
}

// Both bounds are what the priorities say, not how fast the machine is.
TEST(priority_inversion, is_there_without_inheritance) {
  if (!real_time_permitted()) GTEST_SKIP() << "the kernel permits no real-time priority here";
  for (const std::string impl : {"std.mutex", "gobench.mutex"}) {
    const measurement taken =
        variant_of("priority-inversion", "inversion", impl).run(inversion_point(), 5);
    EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
    EXPECT_GE(metric(taken, "p50_us"), 2000) << impl << ": it waits for both that compute";
  }
  for (const std::string impl : {"posix.mutex_inherit", "posix.mutex_protect"}) {
    const measurement taken =
        variant_of("priority-inversion", "inversion", impl).run(inversion_point(), 5);
    EXPECT_TRUE(taken.result.holds()) << taken.result.wrong();
    EXPECT_GE(metric(taken, "p50_us"), 49) << impl << ": it waits for who holds the lock";
  }
}

struct refusal {
  bool possible = false;  // to give the permission up
  bool permitted = true;
  int error = 0;
  char what[200] = {};
};

TEST(priority_inversion, says_so_where_the_kernel_refuses) {
  if (!has_children) GTEST_SKIP() << "there are no children in this flavour";
  const refusal told = report_of_a_child([] {
    refusal made;
    const rlimit none{0, 0};
    made.possible = ::setrlimit(RLIMIT_RTPRIO, &none) == 0 &&
                    (::geteuid() != 0 || ::setresuid(65'534, 65'534, 65'534) == 0);
    made.permitted = real_time_permitted();
    try {
      variant_of("priority-inversion", "inversion", "std.mutex").run(inversion_point(), 5);
    } catch (const std::system_error& refused) {
      made.error = refused.code().value();
      std::string(refused.what()).copy(made.what, sizeof made.what - 1);
    }
    return made;
  });
  if (!told.possible) GTEST_SKIP() << "this process cannot give its permission up";
  EXPECT_FALSE(told.permitted);
  EXPECT_EQ(told.error, EPERM);
  EXPECT_NE(std::string(told.what).find("SCHED_FIFO"), std::string::npos) << told.what;
}

// Of samples with these waits of the thread of high priority.
std::string answer_of(const std::vector<double>& plain, const std::vector<double>& inherits) {
  std::vector<sample> all;
  const auto add = [&](const std::string& impl, const std::vector<double>& waits) {
    for (const double us : waits) {
      sample one;
      one.impl = impl;
      one.metrics.set("p50_us", us);
      all.push_back(one);
    }
  };
  add("std.mutex", plain);
  add("posix.mutex_inherit", inherits);
  return find_suite("priority-inversion")->answer(all);
}

TEST(priority_inversion, answers_from_samples_alone) {
  EXPECT_EQ(answer_of({}, {}), "");
  EXPECT_EQ(answer_of({5000, 5000, 5000}, {100}), "");
  EXPECT_NE(answer_of({5000, 5100, 5200}, {100, 101, 102}).find("waits 5100 us (5000 to 5200)"),
            std::string::npos);
}

}  // namespace
