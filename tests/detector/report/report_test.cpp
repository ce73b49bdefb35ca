// The whole way: a raw finding in, text and lines of JSON out. Each test runs in a child process, since the report
// belongs to a process and begins once.
#include "detector/report/report.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

// The hooks that a program may have, noting what they are given while the tests of this file ask them to.
extern "C" {
void* __tsan_get_current_report();
int __tsan_get_report_data(void* report, const char** description, int* count, int* stack_count,
                           int* mop_count, int* loc_count, int* mutex_count, int* thread_count,
                           int* unique_tid_count, void** sleep_trace, std::uintptr_t trace_size);
int __tsan_get_report_mop(void* report, std::uintptr_t index, int* tid, void** addr, int* size,
                          int* write, int* atomic, void** trace, std::uintptr_t trace_size);
int __tsan_get_report_loc(void* report, std::uintptr_t index, const char** type, void** addr,
                          std::uintptr_t* start, std::uintptr_t* size, int* tid, int* fd,
                          int* suppressable, void** trace, std::uintptr_t trace_size);
int __tsan_get_report_mutex(void* report, std::uintptr_t index, std::uintptr_t* mutex_id,
                            void** addr, int* destroyed, void** trace, std::uintptr_t trace_size);
int __tsan_get_report_thread(void* report, std::uintptr_t index, int* tid, pid_t* os_id,
                             int* running, const char** name, int* parent_tid, void** trace,
                             std::uintptr_t trace_size);
int __tsan_get_report_stack(void* report, std::uintptr_t index, void** trace,
                            std::uintptr_t trace_size);
}

namespace {
std::function<void(void*)> on_report;
bool drop_reports = false;
const char* default_suppressions = "";
}  // namespace

extern "C" void __tsan_on_report(void* report) {
  if (on_report) on_report(report);
}
extern "C" const char* __tsan_default_suppressions() { return default_suppressions; }
namespace __tsan {
class ReportDesc;
bool OnReport(const ReportDesc*, bool suppressed);
bool OnReport(const ReportDesc*, bool suppressed) { return suppressed || drop_reports; }
}  // namespace __tsan

namespace gobench::detector {
namespace {

[[gnu::noinline]] address here() {
  asm volatile("# each call is one of its own");
  return reinterpret_cast<address>(__builtin_return_address(0));
}
// So that the call before is no jump, which would leave no trace of the function.
address returned(address value) {
  asm volatile("" : "+r"(value));
  return value;
}
// Innermost frames of findings: two functions, the second with two places.
[[gnu::noinline]] address in_first() { return returned(here()); }
[[gnu::noinline]] address in_second(bool later) {
  if (!later) return returned(here());
  const address second = here();
  asm volatile("# what the two places have in common must not be merged");
  return returned(second);
}

int shared_number = 0;
int other_number = 0;

raw_finding race(bool later = false) {
  raw_finding found;
  raw_task main_thread;
  main_thread.id = 1;
  main_thread.kind = task_kind::main_thread;
  raw_task worker;
  worker.id = 2;
  worker.parent = 1;
  std::strcpy(worker.name, "worker");
  worker.born = {in_first()};
  found.tasks = {main_thread, worker};
  raw_access write;
  write.what = operation::write;
  write.where = reinterpret_cast<address>(&shared_number);
  write.size = 4;
  write.task = 1;
  write.stack = {in_first()};
  write.locks = {{3, reinterpret_cast<address>(&other_number), false, {in_first()}}};
  raw_access read = write;
  read.what = operation::atomic_read;
  read.task = 0;
  read.stack = {in_second(later)};
  read.locks.clear();
  found.accesses = {write, read};
  return found;
}

class reports : public testing::Test {
 protected:
  reports() {
    std::string name = testing::TempDir() + "gobench-report-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    findings_ = folder_ + "/findings.jsonl";
    log_ = folder_ + "/log";
    options_.findings = findings_.c_str();
    options_.log_path = log_.c_str();
  }
  ~reports() override { std::filesystem::remove_all(folder_); }

  // Runs it in a child; gives the exit code and keeps the text.
  int in_child(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(work());
    int status = 0;
    ::waitpid(child, &status, 0);
    text_ = contents(log_ + "." + std::to_string(child));
    lines_.clear();
    std::istringstream all(contents(findings_));
    for (std::string line; std::getline(all, line);) lines_.push_back(nlohmann::json::parse(line));
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  static std::string contents(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string suppressions_file(const std::string& text) {
    std::ofstream(folder_ + "/known.txt") << text;
    return folder_ + "/known.txt";
  }
  int count(const std::string& what) const {
    int times = 0;
    for (std::size_t at = 0; (at = text_.find(what, at)) != std::string::npos; at += what.size())
      ++times;
    return times;
  }

  std::string folder_;
  std::string findings_;
  std::string log_;
  report_options options_;
  std::string text_;
  std::vector<nlohmann::json> lines_;
};

TEST_F(reports, go_to_the_log_and_to_the_file_of_findings) {
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              errno = 77;
              if (!report(race()) || errno != 77) return 1;
              const report_totals totals = report_end();
              return totals.findings == 1 && totals.suppressed == 0 ? 0 : 2;
            }),
            0);
  EXPECT_EQ(text_.find("gobench: data race: write of 4 bytes by T2 \"worker\" (report_test.cpp:"),
            0u)
      << text_;
  EXPECT_NE(text_.find("in_first"), std::string::npos);
  EXPECT_NE(
      text_.find(
          "Global variable gobench::detector::(anonymous namespace)::shared_number of 4 bytes"),
      std::string::npos)
      << text_;
  EXPECT_NE(text_.find("Again with: gobench race "), std::string::npos);
  ASSERT_EQ(lines_.size(), 3u);
  EXPECT_EQ(lines_[0]["event"], "start");
  EXPECT_EQ(lines_[0]["program"], std::filesystem::read_symlink("/proc/self/exe").string());
  EXPECT_EQ(lines_[1]["kind"], "data-race");
  EXPECT_EQ(lines_[1]["object"]["kind"], "global");
  EXPECT_EQ(lines_[1]["accesses"][0]["locks"][0]["name"], "M3");
  EXPECT_EQ(lines_[2]["event"], "end");
  EXPECT_EQ(lines_[2]["findings"], 1);
}

TEST_F(reports, tell_the_same_finding_once_and_count_it) {
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              if (report_known(finding_type::data_race, in_first(), in_second(false))) return 1;
              int told = 0;
              for (int i = 0; i < 10; ++i) told += report(race()) ? 1 : 0;
              raw_finding swapped = race();
              std::swap(swapped.accesses[0], swapped.accesses[1]);
              told += report(std::move(swapped)) ? 1 : 0;
              if (!report_known(finding_type::data_race, in_second(false), in_first())) return 2;
              report_end();
              report_end();
              return told == 1 ? 0 : 3;
            }),
            0);
  EXPECT_EQ(count("gobench: data race"), 1) << text_;
  EXPECT_EQ(count("seen 12 times"), 1) << text_;
  EXPECT_EQ(count("at other lines"), 0) << text_;
  EXPECT_EQ(lines_.size(), 3u);
  EXPECT_EQ(lines_.back()["repeated"][0]["times"], 12);
}

TEST_F(reports, name_other_lines_of_the_same_functions_in_one_line) {
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              const bool first = report(race(false));
              const bool second = report(race(true));
              return first && !second ? 0 : 1;
            }),
            0);
  EXPECT_EQ(count("at other lines: data race: write of 4 bytes"), 1) << text_;
}

TEST_F(reports, of_what_is_suppressed_are_written_but_not_told) {
  const std::string file = suppressions_file("# known\nrace:in_second\nmutex:never\n");
  options_.suppressions = file.c_str();
  options_.print_suppressions = true;
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              for (int i = 0; i < 3; ++i)
                if (report(race())) return 1;
              const report_totals totals = report_end();
              return totals.findings == 0 && totals.suppressed == 1 ? 0 : 2;
            }),
            0);
  EXPECT_EQ(count("data race"), 0) << text_;
  EXPECT_NE(text_.find("     3  race:in_second  (" + file + ":2)\n"), std::string::npos) << text_;
  EXPECT_NE(text_.find("matched nothing:\n          mutex:never  ("), std::string::npos) << text_;
  ASSERT_EQ(lines_.size(), 3u);
  EXPECT_EQ(lines_[1]["suppressed_by"], "race:in_second");
  EXPECT_EQ(lines_[2]["suppressed"], 1);
  EXPECT_EQ(lines_[2]["unused_suppressions"], nlohmann::json{"mutex:never"});
}

TEST_F(reports, ask_the_suppressions_that_the_program_has_itself) {
  ASSERT_EQ(in_child([&] {
              default_suppressions = "race_top:in_first\n";
              report_start(options_);
              return report(race()) ? 1 : 0;
            }),
            0);
}

TEST_F(reports, are_not_begun_with_suppressions_that_are_wrong) {
  const std::string file = suppressions_file("race:ok\nrubbish\n");
  const auto start = [&](const char* suppressions) {
    options_.suppressions = suppressions;
    report_start(options_);
  };
  EXPECT_EXIT(start(file.c_str()), testing::ExitedWithCode(4),
              "gobench: .*known.txt:2: 'rubbish' is no suppression: write KIND:PATTERN");
  EXPECT_EXIT(start("/nonexistent"), testing::ExitedWithCode(4),
              "gobench: the suppressions in '/nonexistent' cannot be read: No such file");
  EXPECT_EXIT(start((suppressions_file("race:a") + ",/nonexistent").c_str()),
              testing::ExitedWithCode(4), "'/nonexistent'");
}

TEST_F(reports, may_be_made_on_a_small_stack_by_many_threads_at_a_time) {
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              std::atomic<int> told{0};
              std::vector<pthread_t> threads(8);
              pthread_attr_t small;
              ::pthread_attr_init(&small);
              ::pthread_attr_setstacksize(&small, 32 << 10);
              struct job_type {
                std::atomic<int>* told;
              } job{&told};
              for (pthread_t& one : threads) {
                if (::pthread_create(
                        &one, &small,
                        [](void* argument) -> void* {
                          for (int i = 0; i < 50; ++i)
                            if (report(race())) ++*static_cast<job_type*>(argument)->told;
                          return nullptr;
                        },
                        &job) != 0)
                  return 2;
              }
              for (pthread_t one : threads) ::pthread_join(one, nullptr);
              report_end();
              return told == 1 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(count("seen 400 times"), 1) << text_;
}

TEST_F(reports, go_on_in_a_child_that_was_forked) {
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              report(race());
              report_before_fork();
              const pid_t child = ::fork();
              report_after_fork(child == 0);
              if (child == 0) {
                // What the parent told is not told again; what is new is.
                raw_finding other = race();
                other.type = finding_type::race_with_free;
                const bool again = report(race());
                const bool is_new = report(std::move(other));
                ::_exit(!again && is_new && report_end().findings == 1 ? 0 : 1);
              }
              int status = 0;
              ::waitpid(child, &status, 0);
              return status == 0 && report_end().findings == 1 ? 0 : 1;
            }),
            0);
  EXPECT_EQ(lines_.size(), 5u);
}

TEST_F(reports, keep_to_the_limit_of_text_but_write_all) {
  options_.most_reports = 1;
  ASSERT_EQ(
      in_child([&] {
        report_start(options_);
        report(race());
        for (const finding_type type : {finding_type::race_with_free, finding_type::double_lock}) {
          raw_finding other = race();
          other.type = type;
          report(std::move(other));
        }
        return 0;
      }),
      0);
  EXPECT_EQ(count("Fingerprint"), 1) << text_;
  EXPECT_EQ(count("gobench: no more than 1 finding"), 1) << text_;
  EXPECT_EQ(lines_.size(), 4u);
}

TEST_F(reports, that_cannot_be_written_are_complained_of_once_on_stderr) {
  options_.findings = "/dev/full";
  options_.log_path = "stderr";
  EXPECT_EXIT(
      {
        report_start(options_);
        report(race());
        ::_exit(0);
      },
      testing::ExitedWithCode(0),
      "gobench: '/dev/full' cannot be written: No space left on device");
}

TEST_F(reports, carry_notes) {
  ASSERT_EQ(in_child([&] {
              report_start(options_);
              report_note("precision reduced: there is not enough memory.");
              return 0;
            }),
            0);
  EXPECT_EQ(text_, "gobench: precision reduced: there is not enough memory.\n");
  EXPECT_EQ(lines_[1]["text"], "precision reduced: there is not enough memory.");
}

TEST_F(reports, may_be_dropped_by_the_program) {
  ASSERT_EQ(in_child([&] {
              drop_reports = true;
              report_start(options_);
              return report(race()) ? 1 : 0;
            }),
            0);
}

TEST_F(reports, can_be_asked_about_by_the_hook_of_the_program) {
  EXPECT_EQ(
      in_child([&] {
        int calls = 0;
        int wrong = 0;
        const auto check = [&](bool right) { wrong += right ? 0 : 1; };
        on_report = [&](void* told) {
          ++calls;
          check(told == __tsan_get_current_report());
          const char* description = nullptr;
          int count = 0, stacks = 9, mops = 0, locs = 0, mutexes = 0, threads = 0, unique = 9;
          void* trace[4];
          check(__tsan_get_report_data(told, &description, &count, &stacks, &mops, &locs, &mutexes,
                                       &threads, &unique, trace, 4) == 1);
          check(std::strcmp(description, "data-race") == 0 && stacks == 0 && mops == 2 &&
                locs == 1 && mutexes == 1 && threads == 2 && unique == 0);
          int tid = 0, size = 0, write = 0, is_atomic = 0;
          void* where = nullptr;
          check(__tsan_get_report_mop(told, 1, &tid, &where, &size, &write, &is_atomic, trace, 4) ==
                1);
          check(tid == 1 && where == &shared_number && size == 4 && write == 0 && is_atomic == 1);
          check(reinterpret_cast<address>(trace[0]) == race().accesses[1].stack[0] - 1 &&
                trace[1] == nullptr);
          check(__tsan_get_report_mop(told, 2, &tid, &where, &size, &write, &is_atomic, trace, 4) ==
                0);
          const char* type = nullptr;
          std::uintptr_t start = 0, length = 0, id = 0;
          int fd = 0, suppressable = 0, destroyed = 9, running = 0, parent = 0;
          check(__tsan_get_report_loc(told, 0, &type, &where, &start, &length, &tid, &fd,
                                      &suppressable, trace, 4) == 1);
          check(std::strcmp(type, "global") == 0 &&
                start == reinterpret_cast<address>(&shared_number) && length == 4);
          check(__tsan_get_report_mutex(told, 0, &id, &where, &destroyed, trace, 4) == 1);
          check(id == 3 && where == &other_number && destroyed == 0);
          pid_t os_id = 0;
          const char* name = nullptr;
          check(__tsan_get_report_thread(told, 1, &tid, &os_id, &running, &name, &parent, trace,
                                         4) == 1);
          check(tid == 2 && std::strcmp(name, "worker") == 0 && parent == 1 && running == 1);
          check(__tsan_get_report_stack(told, 0, trace, 4) == 0);
        };
        report_start(options_);
        report(race());
        report(race());
        check(__tsan_get_current_report() == nullptr);
        return wrong * 10 + (calls == 1 ? 0 : 1);
      }),
      0);
}

TEST_F(reports, know_which_code_is_in_a_library_that_is_to_be_ignored) {
  const std::string file = suppressions_file("called_from_lib:libc.so\n");
  options_.suppressions = file.c_str();
  EXPECT_EQ(in_child([&] {
              if (report_called_from_library(reinterpret_cast<address>(&std::strtoul) + 1))
                return 1;
              report_start(options_);
              if (!report_called_from_library(reinterpret_cast<address>(&std::strtoul) + 1))
                return 2;
              return report_called_from_library(in_first()) ? 3 : 0;
            }),
            0);
}

}  // namespace
}  // namespace gobench::detector
