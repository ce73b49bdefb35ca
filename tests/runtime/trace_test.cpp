// A trace is read back as a viewer reads it. Each is written by a child, so that nothing of it is left on.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/runtime/support.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

class trace_file {
 public:
  trace_file() {
    std::string name = ::testing::TempDir() + "gobench-trace-XXXXXX";
    const int made = ::mkstemp(name.data());
    if (made < 0) std::abort();
    ::close(made);
    name_ = name;
  }
  ~trace_file() { ::unlink(name_.c_str()); }
  trace_file(const trace_file&) = delete;
  trace_file& operator=(const trace_file&) = delete;

  const std::string& name() const { return name_; }
  std::string text() const {
    std::ifstream in(name_);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }
  json events() const { return json::parse(text()); }

 private:
  std::string name_;
};

// Runs body in a child, which has to end with 0.
template <class Body>
void in_child(Body body) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int code = 1;
    try {
      body();
      code = ::testing::Test::HasFailure() ? 1 : 0;
    } catch (const std::exception& thrown) {
      std::fprintf(stderr, "%s\n", thrown.what());
    }
    std::fflush(nullptr);
    ::_exit(code);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "status " << status;
}

std::int64_t ns(const json& microseconds) {
  return std::llround(microseconds.get<double>() * 1000);
}

std::vector<json> named(const json& all, const std::string& name, const std::string& phase) {
  std::vector<json> found;
  for (const json& one : all)
    if (one.at("name") == name && one.at("ph") == phase) found.push_back(one);
  return found;
}

std::vector<json> runs_of(const json& all) {
  std::vector<json> found;
  for (const json& one : all)
    if (one.at("ph") == "X" && one.at("cat") == "run") found.push_back(one);
  return found;
}

constexpr int tasks = 12;
constexpr int rounds = 50;

// Something of everything: tasks that wait for each other, yield, sleep, block and end.
void work() {
  const gobench::chan<int> in = gobench::make_chan<int>();
  std::vector<gobench::task> all;
  for (int i = 0; i < tasks; ++i) {
    all.push_back(gobench::go([in] {
      for (int round = 0; round < rounds; ++round) {
        in.send(round);
        gobench::yield();
      }
    }));
  }
  for (int i = 0; i < tasks * rounds; ++i) in.recv();
  for (gobench::task& one : all) one.join();
  gobench::sleep_for(1ms);
  gobench::blocking([] { ::usleep(1000); });
}

class trace_test : public on_backends {
 protected:
  trace_file file_;
};

INSTANTIATE_TEST_SUITE_P(
    on, trace_test,
    ::testing::Values(vehicle{gobench::backend::fiber, 1}, vehicle{gobench::backend::fiber, 2},
                      vehicle{gobench::backend::fiber, 4}, vehicle{gobench::backend::thread, 2}),
    [](const ::testing::TestParamInfo<vehicle>& information) { return information.param.name(); });

TEST_P(trace_test, runs_of_a_track_never_overlap_and_every_one_has_a_spawned_task) {
  in_child([&] {
    gobench::trace_to(file_.name());
    run(work);
  });
  const json all = file_.events();
  std::set<std::uint64_t> spawned;
  for (const json& one : named(all, "spawn", "i")) {
    spawned.insert(one.at("args").at("task").get<std::uint64_t>());
    EXPECT_NE(one.at("args").at("at").get<std::string>().find("trace_test.cpp:"),
              std::string::npos);
  }
  EXPECT_EQ(spawned.size(), std::size_t{tasks});
  std::map<int, std::vector<std::pair<std::int64_t, std::int64_t>>> tracks;
  std::set<std::uint64_t> ran;
  int parked = 0;
  int finished = 0;
  for (const json& one : all) {
    if (one.at("ph") != "X") continue;
    tracks[one.at("tid").get<int>()].emplace_back(ns(one.at("ts")),
                                                  ns(one.at("ts")) + ns(one.at("dur")));
    if (one.at("cat") != "run") continue;
    const auto task = one.at("args").at("task").get<std::uint64_t>();
    ran.insert(task);
    const std::string start =
        "task " + std::to_string(task) + (spawned.count(task) != 0 ? " trace_test.cpp:" : " ");
    EXPECT_TRUE(one.at("name").get<std::string>().starts_with(start)) << one;
    parked += one.at("args").at("end") == "parked" ? 1 : 0;
    finished += one.at("args").at("end") == "finished" ? 1 : 0;
  }
  for (auto& [track, slices] : tracks) {
    std::ranges::sort(slices);
    for (std::size_t i = 1; i < slices.size(); ++i)
      EXPECT_LE(slices[i - 1].second, slices[i].first) << "track " << track;
  }
  // All of them and the main task, which nobody has spawned.
  std::vector<std::uint64_t> unborn;
  std::ranges::set_difference(ran, spawned, std::back_inserter(unborn));
  EXPECT_EQ(unborn.size(), 1U);
  EXPECT_EQ(ran.size(), std::size_t{tasks} + 1);
  EXPECT_EQ(finished, tasks + 1);
  // Each of the main task's sleeps and of most sends.
  EXPECT_GT(parked, rounds);
  EXPECT_EQ(named(all, "park", "i").size(), static_cast<std::size_t>(parked));
  EXPECT_TRUE(std::ranges::any_of(named(all, "park", "i"), [](const json& one) {
    // Which of the two sides waits is a matter of who comes first.
    const std::string why = one.at("args").value("why", "");
    return (why == "sending to channel" || why == "receiving from channel") &&
           one.at("args").contains("object");
  }));
}

TEST_P(trace_test, an_arrow_ends_where_a_run_begins_and_starts_in_another) {
  in_child([&] {
    gobench::trace_to(file_.name());
    run(work);
  });
  const json all = file_.events();
  std::map<std::uint64_t, std::int64_t> starts;
  for (const json& one : named(all, "wake", "s"))
    EXPECT_TRUE(starts.emplace(one.at("id").get<std::uint64_t>(), ns(one.at("ts"))).second);
  std::size_t ends = 0;
  for (const json& one : named(all, "wake", "f")) {
    const auto start = starts.find(one.at("id").get<std::uint64_t>());
    ASSERT_NE(start, starts.end());
    if (GetParam().kind == gobench::backend::fiber) {
      EXPECT_LE(start->second, ns(one.at("ts")));
    }
    ++ends;
  }
  EXPECT_GT(ends, std::size_t{tasks});
  EXPECT_GE(named(all, "wake", "i").size(), std::size_t{tasks});
}

TEST_P(trace_test, blocking_calls_begin_and_end) {
  in_child([&] {
    gobench::trace_to(file_.name());
    run(work);
  });
  std::vector<json> begins;
  std::vector<json> ends;
  for (const json& one : file_.events()) {
    if (one.at("ph") == "b") begins.push_back(one);
    if (one.at("ph") == "e") ends.push_back(one);
  }
  ASSERT_EQ(begins.size(), 1U);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_GE(ns(ends[0].at("ts")) - ns(begins[0].at("ts")), 1'000'000);
}

TEST(trace, two_runs_are_in_one_file_that_is_complete_after_each) {
  const trace_file file;
  in_child([&] {
    gobench::trace_to(file.name());
    gobench::run(on_fibers(1), [] { gobench::yield(); });
    const json after_one = file.events();
    gobench::run(on_threads(1), work);
    const json after_two = file.events();
    EXPECT_EQ(runs_of(after_one).size(), 1U);
    EXPECT_GT(runs_of(after_two).size(), runs_of(after_one).size() + tasks);
  });
}

TEST(trace, another_file_takes_over) {
  const trace_file first;
  const trace_file second;
  in_child([&] {
    gobench::trace_to(first.name());
    gobench::run(on_fibers(2), work);
    const std::string before = first.text();
    gobench::trace_to(second.name());
    gobench::run(on_fibers(2), work);
    EXPECT_EQ(first.text(), before);
    EXPECT_GT(runs_of(second.events()).size(), std::size_t{tasks});
  });
}

TEST(trace, a_killed_program_leaves_whole_lines) {
  const trace_file file;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    gobench::trace_to(file.name());
    gobench::run(on_fibers(1), [] {
      for (;;) gobench::yield(), gobench::go([] {}).join();
    });
  }
  struct stat now {};
  while (::stat(file.name().c_str(), &now) == 0 && now.st_size < 100'000) ::usleep(1000);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  std::string text = file.text();
  // What a viewer does: it forgives the missing end and an entry that was cut.
  const std::size_t end = text.rfind(",\n");
  ASSERT_NE(end, std::string::npos);
  text.resize(end);
  EXPECT_GT(runs_of(json::parse(text + "]")).size(), 100U);
}

TEST(trace, the_file_has_a_largest_size_and_says_what_is_missing) {
  const trace_file file;
  in_child([&] {
    const scoped_env procs("GOBENCH_PROCS", nullptr);
    const scoped_env backend("GOBENCH_BACKEND", nullptr);
    const scoped_env limit("GOBENCH_TRACE_LIMIT", "64k");
    gobench::trace_to(file.name());
    gobench::run(on_fibers(1), [] {
      const gobench::task other = gobench::go([] {
        for (;;) gobench::yield();
      });
      for (int i = 0; i < 5000; ++i) gobench::yield();
    });
  });
  const json all = file.events();
  EXPECT_LT(file.text().size(), 68U * 1024);
  const std::vector<json> dropped = named(all, "events dropped", "i");
  ASSERT_FALSE(dropped.empty());
  std::uint64_t events = 0;
  for (const json& one : dropped) events += one.at("args").at("events").get<std::uint64_t>();
  EXPECT_GE(events, 10'000U - 64 * 1024 / 100);
}

TEST(trace, a_file_that_cannot_be_written_is_an_error_with_its_path) {
  try {
    gobench::trace_to("/nonexistent/trace.json");
    FAIL() << "it was written";
  } catch (const std::system_error& refused) {
    EXPECT_EQ(refused.code().value(), ENOENT);
    EXPECT_NE(std::string(refused.what()).find("/nonexistent/trace.json"), std::string::npos);
  }
  const scoped_env limit("GOBENCH_TRACE_LIMIT", "much");
  EXPECT_THROW(gobench::trace_to("/nonexistent/trace.json"), std::invalid_argument);
}

TEST(trace, the_environment_asks_for_one_and_p_is_the_process) {
  const trace_file file;
  const std::string pattern = file.name() + ".%p";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const scoped_env asked("GOBENCH_TRACE", pattern.c_str());
    gobench::run(on_fibers(2), work);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  const std::string name = file.name() + "." + std::to_string(child);
  std::ifstream in(name);
  EXPECT_GT(runs_of(json::parse(in)).size(), std::size_t{tasks});
  ::unlink(name.c_str());
}

TEST(trace, a_program_goes_on_without_the_trace_that_the_environment_asks_for) {
  const trace_file said;
  in_child([&] {
    const scoped_env asked("GOBENCH_TRACE", "/nonexistent/trace.json");
    stderr_reader reader;
    gobench::run(on_fibers(2), work);
    const std::string sentence = reader.stop();
    EXPECT_NE(sentence.find("/nonexistent/trace.json"), std::string::npos) << sentence;
    EXPECT_EQ(std::ranges::count(sentence, '\n'), 1) << sentence;
  });
}

TEST(trace, deadlocks_are_still_found) {
  const trace_file file;
  for (const bool fibers : {true, false}) {
    in_child([&] {
      gobench::trace_to(file.name());
      EXPECT_THROW(gobench::run(fibers ? on_fibers(2) : on_threads(2),
                                [] { gobench::make_chan<int>().recv(); }),
                   gobench::deadlock);
    });
    EXPECT_FALSE(named(file.events(), "park", "i").empty());
  }
}

}  // namespace
