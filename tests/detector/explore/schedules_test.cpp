// Runs the cases of tests/explored under exploration, and looks at what they print, how they end and at their logs.
#if defined(GOBENCH_EXPLORED_PATH)

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "detector/explore/log.hpp"

namespace {

using namespace gobench::detector::explore;

struct outcome {
  int status = 0;  // of the process; 128 and more: a signal
  std::string output;
  std::string log;  // the file

  log_header header() const {
    log_header found{};
    if (log.size() >= sizeof found) std::memcpy(&found, log.data(), sizeof found);
    return found;
  }
  std::vector<log_record> records() const {
    std::vector<log_record> found(header().count);
    if (log.size() < sizeof(log_header) + found.size() * sizeof(log_record)) return {};
    std::memcpy(found.data(), log.data() + sizeof(log_header), found.size() * sizeof(log_record));
    return found;
  }
};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class folder {
 public:
  folder() {
    std::string pattern = testing::TempDir() + "exploreXXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

outcome run_program(const char* program, const std::string& name, const std::string& settings) {
  const folder place;
  const std::string log = place.file("log");
  const std::string output = place.file("output");
  // Padded, so that what lies on the stack lies where it does in other runs.
  std::string variable = "GOBENCH_EXPLORE=log=" + log + ":" + settings + ":pad=";
  variable.resize(600, 'p');
  std::vector<char*> environment{variable.data()};
  char path[] = "PATH=/usr/bin:/bin";
  environment.push_back(path);
  // Races are found by others; telling them takes most of the time.
  char quiet[] = "GOBENCH_RACE=report_bugs=0";
  if (name == "plain_counter") environment.push_back(quiet);
  environment.push_back(nullptr);
  std::string argument = name;
  std::string file = program;
  char* arguments[] = {file.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  const int failed =
      ::posix_spawn(&child, program, &actions, nullptr, arguments, environment.data());
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(failed, 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), contents(output),
          contents(log)};
}

outcome run(const std::string& name, const std::string& settings) {
  return run_program(GOBENCH_EXPLORED_PATH, name, settings);
}
outcome run(const std::string& name, int schedule, const std::string& more = "patience=60") {
  return run(name, "schedule=" + std::to_string(schedule) + ":" + more);
}

// What so many schedules print.
std::set<std::string> outputs(const std::string& name, int schedules,
                              const std::string& more = "patience=60") {
  std::set<std::string> seen;
  for (int i = 0; i != schedules; ++i) seen.insert(run(name, i, more).output);
  return seen;
}

TEST(explored_program, ends_as_it_does_otherwise) {
  const outcome got = run("nothing", 0);
  EXPECT_EQ(got.status, 0);
  EXPECT_EQ(got.output, "");
  EXPECT_EQ(std::memcmp(got.header().magic, log_magic, sizeof log_magic), 0);
  EXPECT_EQ(got.header().end, end_reason::finished);
  EXPECT_EQ(got.header().record_size, sizeof(log_record));
  const outcome in_thread = run("exit_in_a_thread", 0);
  EXPECT_EQ(in_thread.status, 3);
  EXPECT_EQ(in_thread.header().exit_status, 3);
  const outcome quick = run("quick_end", 0);
  EXPECT_EQ(quick.status, 4);
  EXPECT_EQ(quick.header().end, end_reason::finished);
  const outcome last = run("main_ends_first", 1);
  EXPECT_EQ(last.status, 0);
  EXPECT_EQ(last.output, "last\n");
}

TEST(explored_program, is_the_same_again) {
  for (const char* name : {"order", "meeting", "tasks", "randomness", "timeout", "pipe"}) {
    const outcome first = run(name, 7);
    EXPECT_GT(first.records().size(), 3U) << name;
    for (int i = 0; i != 5; ++i) {
      const outcome again = run(name, 7);
      EXPECT_EQ(again.output, first.output) << name;
      EXPECT_TRUE(again.log == first.log) << name << ": another log";
    }
  }
}

TEST(explored_program, differs_from_schedule_to_schedule) {
  EXPECT_GT(outputs("order", 12).size(), 4U);
  EXPECT_NE(run("order", "seed=1").output + run("order", "seed=1:schedule=1").output,
            run("order", "seed=2").output + run("order", "seed=2:schedule=1").output);
}

TEST(explored_program, computes_the_same_in_all) {
  EXPECT_EQ(outputs("meeting", 20), std::set<std::string>{"1036\n"});
  EXPECT_EQ(outputs("tasks", 20), std::set<std::string>{"1150 late\n"});
  EXPECT_EQ(outputs("pipe", 5), std::set<std::string>{"100000\n"});
}

TEST(explored_program, follows_deviations) {
  // One thread after the other by the default rule.
  EXPECT_EQ(run("order", "strategy=follow").output, "aaabbbccc\n");
  // The records of a schedule, as deviations, are that schedule.
  const outcome wanted = run("order", 3);
  const folder place;
  std::ofstream file(place.file("deviations"));
  for (const log_record& one : wanted.records())
    if ((one.flags & flag_open) != 0)
      file << one.step << ' ' << ((one.flags & flag_value) != 0 ? one.chosen : one.thread) << '\n';
  file.close();
  EXPECT_EQ(run("order", "strategy=follow:follow=" + place.file("deviations")).output,
            wanted.output);
}

TEST(explored_program, is_the_default_rule_in_its_log) {
  for (const log_record& one : run("order", "strategy=follow").records())
    EXPECT_EQ(one.flags & flag_preemption, 0) << one.step;
  bool preempted = false;
  for (const log_record& one : run("order", 1).records())
    preempted |= (one.flags & flag_preemption) != 0;
  EXPECT_TRUE(preempted);
}

TEST(explored_program, finds_a_deadlock) {
  int deadlocks = 0;
  for (int i = 0; i != 20; ++i) {
    const outcome got = run("lock_order", i);
    const bool stood = got.header().end == end_reason::deadlock;
    deadlocks += stood ? 1 : 0;
    EXPECT_EQ(got.status, stood ? 66 : 0) << got.output;
    EXPECT_EQ(stood, got.output.find("gobench:") != std::string::npos);
  }
  EXPECT_GT(deadlocks, 0);
  EXPECT_LT(deadlocks, 20);
}

TEST(explored_program, finds_who_waits_for_ever) {
  const outcome tasks = run("nobody_sends", 0);
  EXPECT_EQ(tasks.status, 66);
  EXPECT_EQ(tasks.header().end, end_reason::deadlock) << tasks.output;
  bool lost = false;
  bool got = false;
  for (int i = 0; i != 20; ++i) {
    const outcome one = run("lost_signal", i);
    (one.header().end == end_reason::deadlock ? lost : got) = true;
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(got);
}

TEST(conditions, wake_any_waiter_and_nobody_else) {
  EXPECT_EQ(outputs("signal", 30), (std::set<std::string>{"ab\n", "ba\n"}));
  bool without_reason = false;
  for (const std::string& text : outputs("signal", 30, "spurious=1"))
    without_reason |= text.find('!') != std::string::npos;
  EXPECT_TRUE(without_reason);
}

TEST(virtual_time, passes_at_once_and_in_order) {
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string& text : outputs("an_hour", 5)) {
    // Whoever sleeps less wakes first, but need not be the first to get the lock.
    EXPECT_EQ(text.substr(2), " 2 2\n");
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes(2));
  EXPECT_GE(run("an_hour", 0).header().virtual_ns, 7'200'000'000'000U);
  EXPECT_EQ(run("waiting_for_the_clock", "strategy=follow").status, 0);
  EXPECT_EQ(run("waiting_for_the_clock", 1).status, 0);
}

TEST(virtual_time, lets_timeouts_come_first) {
  EXPECT_EQ(outputs("timeout", 60), (std::set<std::string>{"in time\n", "late\n"}));
}

TEST(hangs, end) {
  const outcome steps = run("spin_for_ever", "steps=2000");
  EXPECT_EQ(steps.status, 66);
  EXPECT_EQ(steps.header().end, end_reason::hang);
  EXPECT_NE(steps.output.find("hang"), std::string::npos) << steps.output;
  const outcome silent = run("no_steps_for_ever", "patience=1");
  EXPECT_EQ(silent.status, 66);
  EXPECT_EQ(silent.header().end, end_reason::hang);
  EXPECT_NE(silent.output.find("hang"), std::string::npos) << silent.output;
  EXPECT_EQ(run("spin_for_another", "strategy=follow:spin=50").status, 0);
}

TEST(crashes, leave_the_log_whole) {
  const outcome got = run("abort_in_a_thread", 0);
  EXPECT_EQ(got.status, 128 + SIGABRT);
  EXPECT_EQ(got.header().end, end_reason::running);
  EXPECT_GT(got.records().size(), 1U);
}

TEST(children, are_not_explored) {
  for (int i = 0; i != 5; ++i) {
    const outcome got = run("fork_and_threads", i);
    EXPECT_EQ(got.status, 0) << got.output;
    EXPECT_EQ(got.header().end, end_reason::finished);
    EXPECT_EQ(got.header().threads, 2U);
  }
  EXPECT_EQ(run("run_another_program", 0).status, 0);
}

TEST(steps, are_at_atomics) {
  bool right = false;
  bool wrong = false;
  for (int i = 0; i != 40; ++i) {
    const outcome got = run("check_then_act", i);
    EXPECT_EQ(got.output, "");
    (got.status == 0 ? right : wrong) = true;
  }
  EXPECT_TRUE(right);
  EXPECT_TRUE(wrong);
}

TEST(steps, are_at_accesses_that_are_asked_for) {
  const outcome none = run("plain_counter", "strategy=follow:accesses=none");
  const outcome all = run("plain_counter", "strategy=follow:accesses=all");
  const outcome some = run("plain_counter", "strategy=follow:accesses=sampled:sample=4");
  EXPECT_GT(all.header().count, none.header().count + 10);
  EXPECT_GT(some.header().count, none.header().count);
  EXPECT_LT(some.header().count, all.header().count);
  // Those of one place only.
  std::set<std::uint64_t> places;
  for (const log_record& one : all.records())
    if (one.what == operation::write && one.thread != 1)
      places.insert(one.pc - all.header().program_base);
  ASSERT_FALSE(places.empty());
  const folder place;
  std::ofstream file(place.file("hot"));
  file << std::hex << *places.begin() << '\n';
  file.close();
  const outcome hot =
      run("plain_counter", "strategy=follow:accesses=conflicting:hot=" + place.file("hot"));
  std::set<std::uint64_t> stepped;
  for (const log_record& one : hot.records())
    if (one.what == operation::write || one.what == operation::read)
      stepped.insert(one.pc - hot.header().program_base);
  EXPECT_EQ(stepped, std::set<std::uint64_t>{*places.begin()});
  // Updates get lost.
  EXPECT_GT(outputs("plain_counter", 15, "accesses=all").size(), 1U);
}

TEST(choices, are_the_cases_of_select) {
  EXPECT_EQ(outputs("select_case", 20), (std::set<std::string>{"one\n", "other\n"}));
}

TEST(cancellation, ends_waits) {
  for (int i = 0; i != 10; ++i) EXPECT_EQ(run("cancelled", i).status, 0) << i;
}

TEST(settings, that_are_wrong_are_refused) {
  for (const char* wrong : {"steps=many", "colour=red", "strategy=none_such", "accesses=few",
                            "spin=0", "strategy=follow:follow=/no/such/file",
                            "accesses=conflicting:hot=/no/such/file", "log=/no/such/folder/log"}) {
    const outcome got = run("nothing", wrong);
    EXPECT_EQ(got.status, 4) << wrong;
    EXPECT_NE(got.output.find("gobench: "), std::string::npos) << wrong << ": " << got.output;
  }
}

// Programs of the interposed functions' test: what they check holds in a schedule as well.
TEST(interposed_cases, hold_under_exploration) {
  for (const char* name : {"mutex_static",
                           "mutex_recursive",
                           "mutex_error_checking_tells",
                           "mutex_robust_owner_ends",
                           "spin_lock",
                           "rwlock_plain",
                           "rwlock_read_twice",
                           "rwlock_timed",
                           "std_shared_timed_mutex",
                           "condition_wait",
                           "condition_clockwait",
                           "condition_timedwait",
                           "condition_wait_recursive_once",
                           "std_condition_variable_any",
                           "barrier_rounds",
                           "once_plain",
                           "once_nested",
                           "std_call_once_throws_first",
                           "static_made_once",
                           "semaphore_wait",
                           "semaphore_named",
                           "thread_join",
                           "thread_tryjoin",
                           "thread_timedjoin",
                           "thread_clockjoin",
                           "thread_detached_posts",
                           "thread_many_at_once",
                           "thread_exit_and_result",
                           "thread_stack_is_used_again",
                           "c11_thread",
                           "c11_mutex_and_condition",
                           "cancel_in_condition_wait",
                           "cancel_is_before_cleanup",
                           "future_and_async",
                           "signal_interrupts_wait",
                           "signal_wait",
                           "timer_notices_in_threads",
                           "eventfd_epoll",
                           "pipe_by_poll",
                           "socketpair_messages",
                           "socket_loopback",
                           "fork_child_goes_on"}) {
    const outcome got =
        run_program(GOBENCH_INTERPOSED_PATH, name, "strategy=follow:steps=1000000:patience=60");
    EXPECT_EQ(got.status, 0) << name << ": " << got.output;
  }
}

}  // namespace

#endif
