// What the suites worker-pool, pipeline, chan-buffer, mutex and rwmutex promise beyond what every suite does: that wrong
// implementations are caught, and that their sentences say what the samples say.
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "suites/acquire.hpp"
#include "suites/jobs.hpp"
#include "suites/lines.hpp"
#include "suites/locked_queue.hpp"
#include "suites/plugin.hpp"
#include "suites/rates.hpp"
#include "suites/registry.hpp"
#include "suites/two_numbers.hpp"

namespace {

using namespace gobench::suites;
using gobench::results::sample;
using gobench::results::value;
using gobench::results::vehicle;

point point_of(int tasks, std::initializer_list<std::pair<const char*, value>> parameters) {
  point made{vehicle::thread, 2, tasks, {}};
  for (const auto& [name, content] : parameters) made.parameters.set(name, content);
  return made;
}
value number(std::int64_t n) { return n; }
value word(const char* text) { return std::string(text); }

TEST(worker_pool_suite, catches_a_job_that_is_left_out_or_done_twice) {
  const point where = point_of(4, {{"job_ns", number(0)}});
  const auto sleep = [](std::chrono::nanoseconds) {};
  const auto all = [&](jobs& list) {
    for (int i = 0; i < list.count(); ++i) list.run(i, sleep);
  };
  EXPECT_TRUE(job_batches(where, 8, job_kind::compute, all).result.holds());
  const auto one_short = [&](jobs& list) {
    for (int i = 1; i < list.count(); ++i) list.run(i, sleep);
  };
  EXPECT_FALSE(job_batches(where, 8, job_kind::compute, one_short).result.holds());
  const auto one_twice = [&](jobs& list) {
    all(list);
    list.run(2, sleep);
  };
  EXPECT_FALSE(job_batches(where, 8, job_kind::compute, one_twice).result.holds());
}

TEST(worker_pool_suite, has_jobs_that_wait_as_long_as_they_are_told) {
  const point where = point_of(2, {{"job_ns", number(5000)}});
  std::chrono::nanoseconds slept{0};
  const auto taken = job_batches(where, 2, job_kind::wait, [&](jobs& list) {
    for (int i = 0; i < list.count(); ++i) list.run(i, [&](auto d) { slept += d; });
  });
  EXPECT_EQ(slept.count(), 10'000);
  EXPECT_EQ(taken.operations, 2U);
}

using queue = locked_queue<std::uint64_t>;

// Loses the third number.
class lossy : public queue {
 public:
  lossy() : queue(4) {}
  void send(std::uint64_t n) {
    if (n != 3) queue::send(n);
  }
};
// Delivers a number twice and leaves out the next: the count is right, the sum is not.
class doubling : public queue {
 public:
  doubling() : queue(4) {}
  void send(std::uint64_t n) { queue::send(n == 3 ? 2 : n); }
};

class every_shape : public ::testing::TestWithParam<line_shape> {};

TEST_P(every_shape, catches_a_link_that_loses_or_doubles_a_number) {
  const point where = point_of(3, {{"work_ns", number(0)}});
  const auto good =
      measure_line(GetParam(), where, 20, [] { return std::make_unique<queue>(std::size_t{4}); });
  EXPECT_TRUE(good.result.holds()) << good.result.wrong();
  EXPECT_FALSE(
      measure_line(GetParam(), where, 20, [] { return std::make_unique<lossy>(); }).result.holds());
  EXPECT_FALSE(measure_line(GetParam(), where, 20, [] {
                 return std::make_unique<doubling>();
               }).result.holds());
}

INSTANTIATE_TEST_SUITE_P(shapes, every_shape,
                         ::testing::Values(line_shape::chain, line_shape::fan_out,
                                           line_shape::fan_in, line_shape::fan_out_in));

TEST(rates, are_those_of_the_pace) {
  const tick_source& source = ticking();
  const auto due_ns = [&](const char* pace, std::uint64_t nth) {
    const point where = point_of(2, {{"pace", word(pace)}, {"service_ns", number(1'000'000)}});
    return static_cast<double>(schedule_of_values(where, source).due(nth)) * source.ns_per_tick;
  };
  for (const char* pace : {"faster", "equal", "slower", "bursty"}) EXPECT_EQ(due_ns(pace, 1), 0);
  EXPECT_NEAR(due_ns("faster", 101), 50e6, 1000);
  EXPECT_NEAR(due_ns("equal", 101), 100e6, 1000);
  EXPECT_NEAR(due_ns("slower", 101), 200e6, 1000);
  EXPECT_EQ(due_ns("bursty", 64), 0);
  EXPECT_NEAR(due_ns("bursty", 65), 64e6, 1000);
}

TEST(rates, tell_the_length_of_the_queue_over_time) {
  queue_lengths lengths(8);
  for (std::uint64_t nth = 1; nth <= 8; ++nth) lengths.note(nth, nth);
  gobench::results::fields metrics;
  lengths.add_to(metrics);
  EXPECT_EQ(std::get<double>(*metrics.find("queue_q1")), 1.5);
  EXPECT_EQ(std::get<double>(*metrics.find("queue_q4")), 7.5);
  EXPECT_EQ(std::get<double>(*metrics.find("queue_max")), 8);
}

template <class Queue>
bool holds_at_a_pace(Queue& numbers) {
  const point where = point_of(
      2, {{"pace", word("faster")}, {"limiter", word("off")}, {"service_ns", number(1000)}});
  return at_a_pace(where, 10, numbers).result.holds();
}

TEST(rates, catch_a_value_that_is_lost_or_out_of_order) {
  locked_queue<stamped> good(20);
  EXPECT_TRUE(holds_at_a_pace(good));
  struct losing : locked_queue<stamped> {
    losing() : locked_queue(20) {}
    void send(stamped one) {
      if (one.number != 4) locked_queue::send(one);
    }
  } loses;
  EXPECT_FALSE(holds_at_a_pace(loses));
  struct swapping : locked_queue<stamped> {
    swapping() : locked_queue(20) {}
    void send(stamped one) {
      if (one.number == 4)
        one.number = 5;
      else if (one.number == 5)
        one.number = 4;
      locked_queue::send(one);
    }
  } swaps;
  EXPECT_FALSE(holds_at_a_pace(swaps));
}

// Leaves out the third critical section.
class losing_lock {
 public:
  template <class F>
  void exclusive(F&& f) {
    const std::scoped_lock held(lock_);
    if (++times_ != 3) f();
  }
  template <class F>
  void shared(F&& f) {
    exclusive(f);
  }

 private:
  std::mutex lock_;
  int times_ = 0;
};

TEST(acquire, catches_a_lock_that_loses_what_it_guards) {
  const point where = point_of(2, {{"hold_ns", number(0)}, {"read_pct", number(0)}});
  using mutex_vs_chan::locked;
  using mutex_vs_chan::shared_counter;
  const auto good = acquire_guarded<shared_counter, locked<std::mutex>>(where, 40);
  EXPECT_TRUE(good.result.holds()) << good.result.wrong();
  EXPECT_NE(good.metrics.find("p99_us"), nullptr);
  EXPECT_NE(good.metrics.find("longest_wait_us"), nullptr);
  EXPECT_EQ(good.metrics.find("writer_p99_us"), nullptr);
  EXPECT_FALSE((acquire_guarded<shared_counter, losing_lock>(where, 40).result.holds()));
  const auto writes = acquire_guarded<two_numbers, locked<std::mutex>>(where, 40);
  EXPECT_NE(writes.metrics.find("writer_p99_us"), nullptr);
}

std::vector<sample> samples_of(const std::string& impl, std::int64_t read_pct, double ns) {
  std::vector<sample> made;
  for (const double more : {0.0, 0.1, 0.2, 0.3, 0.4, 0.5}) {
    sample one;
    one.suite = "rwmutex";
    one.case_name = "two numbers";
    one.impl = impl;
    one.runs_on = vehicle::thread;
    one.tasks = 8;
    one.ns_per_op = ns + more;
    one.parameters.set("hold_ns", value(std::int64_t{0}));
    one.parameters.set("read_pct", value(read_pct));
    made.push_back(one);
  }
  return made;
}

std::string crossing(const std::vector<std::pair<double, double>>& mutex_and_shared) {
  std::vector<sample> all;
  std::int64_t pct = 0;
  for (const auto& [alone, shared] : mutex_and_shared) {
    for (const sample& one : samples_of("std.mutex", pct, alone)) all.push_back(one);
    for (const sample& one : samples_of("std.shared_mutex", pct, shared)) all.push_back(one);
    pct += 50;
  }
  return find_suite("rwmutex")->answer(all);
}

TEST(rwmutex_suite, says_where_the_curves_cross) {
  const std::string who = "Beside its mutex, std.shared_mutex on 8 threads that hold it for 0 ns ";
  EXPECT_EQ(crossing({{10, 20}, {10, 20}, {10, 5}}),
            who + "crosses over between 50 and 100 % reads.");
  EXPECT_EQ(crossing({{10, 20}, {10, 10}, {10, 5}}),
            who + "crosses over between 0 and 100 % reads.");
  EXPECT_EQ(crossing({{10, 20}, {10, 20}, {10, 20}}), who + "does not pay up to 100 % reads.");
  EXPECT_EQ(crossing({{10, 5}, {10, 5}, {10, 5}}), who + "is faster from 0 % reads on.");
  EXPECT_EQ(crossing({{10, 10}, {10, 10}, {10, 10}}), who + "cannot be told from it.");
  EXPECT_EQ(find_suite("rwmutex")->answer({}), "");
}

TEST(plugins, keep_what_is_wrong_until_they_are_loaded) {
  EXPECT_EQ(registered_by([] {}), 0U);
  EXPECT_EQ(registered_by([] { const more_variants none("mutex", {}); }), 1U);
  try {
    registered_by([] { const registration nameless(suite{}); });
    FAIL() << "a suite without a name was taken";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("has no name"), std::string::npos) << error.what();
  }
  EXPECT_THROW(registered_by([] { throw std::runtime_error("no memory"); }), std::runtime_error);
  EXPECT_THROW(registration(suite{}), std::logic_error);  // as before
}

}  // namespace
