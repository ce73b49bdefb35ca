// What is left of a run that was killed or ran out of room. A child process writes samples and
// acknowledges each through a pipe once add() has returned; whatever happens to it, the file must be
// valid and hold exactly the acknowledged samples, or one more that was being acknowledged.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <system_error>

#include "results/sink.hpp"
#include "tests/results/support.hpp"

namespace gobench::results {
namespace {

using namespace testing;

// Exit codes of a child.
constexpr int all_written = 0;
constexpr int refused_with_space = 10;
constexpr int refused_with_limit = 11;
constexpr int refused_otherwise = 12;
constexpr int not_permitted = 13;

int code_of(const std::system_error& refused, const std::filesystem::path& file) {
  // The message names the file, or the context beside it.
  if (std::string(refused.what()).find(file.stem().string()) == std::string::npos) {
    return refused_otherwise;
  }
  if (refused.code() == std::errc::no_space_on_device) return refused_with_space;
  if (refused.code() == std::errc::file_too_large) return refused_with_limit;
  return refused_otherwise;
}

// A process that writes `count` samples.
class writer {
 public:
  writer(const std::string& format, const std::filesystem::path& file, int count,
         const std::function<bool()>& prepare = {}, const std::function<void()>& afterwards = {}) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ == 0) {
      if (prepare && !prepare()) ::_exit(not_permitted);
      try {
        const auto to = make_file_sink(format, file);
        to->begin(some_context(), some_schema());
        acknowledge(ends[1]);
        for (int rep = 0; rep < count; ++rep) {
          to->add(some_sample(rep));
          acknowledge(ends[1]);
        }
        to->finish(some_context());
      } catch (const std::system_error& refused) {
        if (afterwards) afterwards();
        ::_exit(code_of(refused, file));
      }
      ::_exit(all_written);
    }
    ::close(ends[1]);
    acknowledgements_ = ends[0];
  }
  ~writer() { ::close(acknowledgements_); }
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  // Waits until the file was begun and `count` samples are there, or the child has ended.
  void wait_for(int count) {
    char one = 0;
    while (seen_ < count + 1 && ::read(acknowledgements_, &one, 1) == 1) ++seen_;
  }

  void kill() { ::kill(child_, SIGKILL); }

  // The wait status, once the child has ended.
  int end() {
    int status = 0;
    ::waitpid(child_, &status, 0);
    char one = 0;
    while (::read(acknowledgements_, &one, 1) == 1) ++seen_;
    return status;
  }

  bool begun() const { return seen_ > 0; }
  int acknowledged() const { return std::max(0, seen_ - 1); }

 private:
  static void acknowledge(int to) {
    if (::write(to, "", 1) != 1) ::_exit(refused_otherwise);
  }

  pid_t child_ = -1;
  int acknowledgements_ = -1;
  int seen_ = 0;
};

int samples_in_csv(const std::string& text) {
  const auto rows = parse_csv(text);
  EXPECT_FALSE(rows.empty()) << "no header";
  for (std::size_t i = 1; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].size(), rows[0].size());
    EXPECT_EQ(rows[i][6], std::to_string(i - 1)) << "rep";
  }
  return static_cast<int>(rows.size()) - 1;
}

int samples_in_json(const std::string& text, const char* list, const char* number) {
  const auto all = nlohmann::json::parse(text, nullptr, false);
  if (all.is_discarded()) {
    ADD_FAILURE() << "not JSON: ..."
                  << text.substr(text.size() - std::min<std::size_t>(text.size(), 200));
    return -1;
  }
  EXPECT_TRUE(all["context"].is_object());
  for (std::size_t i = 0; i < all[list].size(); ++i) EXPECT_EQ(all[list][i][number], i);
  return static_cast<int>(all[list].size());
}

int samples_in_benchfmt(const std::string& text) {
  EXPECT_TRUE(text.ends_with("\n"));
  int count = 0;
  for (const std::string& line : lines_of(text)) {
    if (!line.starts_with("Benchmark")) continue;
    ++count;
    EXPECT_TRUE(line.ends_with(" parallel")) << line;
  }
  return count;
}

// The number of whole samples; fails the test for a file that is not valid.
int samples_in(const std::string& format, const std::string& text) {
  if (format == "csv") return samples_in_csv(text);
  if (format == "json") return samples_in_json(text, "samples", "rep");
  if (format == "gbench") return samples_in_json(text, "benchmarks", "repetition_index");
  return samples_in_benchfmt(text);
}

void expect_what_was_acknowledged(const std::string& format, const std::string& text,
                                  const writer& run) {
  const int found = samples_in(format, text);
  EXPECT_GE(found, run.acknowledged());
  EXPECT_LE(found, run.acknowledged() + 1);
}

class killed : public ::testing::TestWithParam<std::string> {};

TEST_P(killed, at_any_instant_leaves_a_valid_file_with_all_finished_samples) {
  std::mt19937_64 random(20240501);
  int with_samples = 0;
  for (int round = 0; round < 100; ++round) {
    const folder in;
    const auto file = in / "run.out";
    writer run(GetParam(), file, 1'000'000);
    // From before begin() to some hundreds of samples, then an instant within the next few.
    if (round % 10 != 0) run.wait_for(static_cast<int>(random() % 300));
    const auto end =
        std::chrono::steady_clock::now() + std::chrono::nanoseconds(random() % 200'000);
    while (std::chrono::steady_clock::now() < end) {
    }
    run.kill();
    const int status = run.end();
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    if (!std::filesystem::exists(file)) {
      EXPECT_FALSE(run.begun());
      continue;
    }
    if (run.acknowledged() > 0) ++with_samples;
    expect_what_was_acknowledged(GetParam(), read(file), run);
    const auto context = in / "run.context.json";
    if (GetParam() == "csv") {
      EXPECT_TRUE(nlohmann::json::accept(read(context)));
    }
    if (HasFailure()) FAIL() << "in round " << round;
  }
  EXPECT_GT(with_samples, 50) << "the kills came too early to say anything";
}

TEST_P(killed, before_begin_keeps_what_was_there) {
  const folder in;
  write(in / "run.out", "precious");
  const pid_t child = ::fork();
  if (child == 0) {
    const auto to = make_file_sink(GetParam(), in / "run.out");
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(in.names(), (std::vector<std::string>{"run.out"}));
  EXPECT_EQ(read(in / "run.out"), "precious");
}

const auto streaming = ::testing::Values("csv", "json", "gbench", "benchfmt");

INSTANTIATE_TEST_SUITE_P(all, killed, streaming, [](const auto& one) { return one.param; });

class no_room : public ::testing::TestWithParam<std::string> {};

bool limit_files_to(rlim_t bytes) {
  const rlimit limit = {bytes, bytes};
  return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

// Every position of the limit within a few rows and across two pages. SIGXFSZ is ignored for some and
// not for others: we never reach the limit by more than a short write, so it must not matter.
TEST_P(no_room, under_a_limit_of_file_size_keeps_every_finished_sample) {
  int in_the_middle = 0;
  for (rlim_t limit = 3500; limit < 9000; limit += limit < 4000 ? 7 : 61) {
    const folder in;
    const auto file = in / "run.out";
    writer run(GetParam(), file, 1'000, [&] {
      std::signal(SIGXFSZ, limit % 2 == 0 ? SIG_IGN : SIG_DFL);
      return limit_files_to(limit);
    });
    const int status = run.end();
    ASSERT_TRUE(WIFEXITED(status)) << "limit " << limit << ", status " << status;
    EXPECT_EQ(WEXITSTATUS(status), refused_with_limit) << "limit " << limit;
    const std::string text = read(file);
    EXPECT_EQ(samples_in(GetParam(), text), run.acknowledged());
    EXPECT_LE(text.size(), limit);
    if (text.size() < limit) ++in_the_middle;
    for (const std::string& name : in.names()) EXPECT_TRUE(name.starts_with("run.")) << name;
    if (HasFailure()) FAIL() << "with a limit of " << limit;
  }
  EXPECT_GT(in_the_middle, 50);
}

// A small file system of its own in a namespace of its own, as root or as anyone where that is allowed.
bool mount_small(const std::filesystem::path& at) {
  if (::unshare(CLONE_NEWNS) != 0) {
    const std::string map = "0 " + std::to_string(::getuid()) + " 1";
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
    write("/proc/self/uid_map", map);
  }
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", at.c_str(), "tmpfs", 0, "size=48k") == 0;
}

TEST_P(no_room, on_a_full_disk_keeps_every_finished_sample) {
  const folder small;
  const folder copied;
  const auto file = small / "run.out";
  writer run(
      GetParam(), file, 1'000, [&] { return mount_small(small.path()); },
      [&] {
        // Only the child sees the small file system.
        std::filesystem::copy_file(file, copied / "run.out");
        for (const std::string& name : small.names()) write(copied / "names" / name, "");
      });
  const int status = run.end();
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == not_permitted) GTEST_SKIP() << "mounting is not permitted here";
  EXPECT_EQ(WEXITSTATUS(status), refused_with_space);
  EXPECT_GT(run.acknowledged(), 5);
  EXPECT_EQ(samples_in(GetParam(), read(copied / "run.out")), run.acknowledged());
  for (const auto& entry : std::filesystem::directory_iterator(copied / "names")) {
    EXPECT_TRUE(entry.path().filename().string().starts_with("run.")) << entry.path();
  }
}

INSTANTIATE_TEST_SUITE_P(all, no_room, streaming, [](const auto& one) { return one.param; });

}  // namespace
}  // namespace gobench::results
