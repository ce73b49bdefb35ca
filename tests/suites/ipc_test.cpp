// The suite ipc: no name and no process is left, however it ends; and whatever goes wrong with a message is noticed. That each
// way proves its result is in every_suite_test.cpp.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "suites/ipc/content.hpp"
#include "suites/ipc/descriptors.hpp"
#include "suites/ipc/names.hpp"
#include "suites/ipc/processes.hpp"
#include "suites/ipc/ring.hpp"
#include "suites/registry.hpp"

namespace {

using namespace gobench::suites;
using namespace gobench::suites::ipc;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

using names = std::set<std::string>;

// What of ours the system has: files in the folder for temporary ones, segments, queues, and System V objects by their
// keys.
names all_names() {
  names found;
  const char* tmp = std::getenv("TMPDIR");
  for (const std::string folder : {tmp == nullptr ? "/tmp" : tmp, "/dev/shm", "/dev/mqueue"}) {
    std::error_code none;
    for (const auto& one : fs::directory_iterator(folder, none)) {
      if (one.path().filename().string().starts_with("gobench-ipc-")) found.insert(one.path());
    }
  }
  for (const std::string kind : {"msg", "shm", "sem"}) {
    std::ifstream in("/proc/sysvipc/" + kind);
    std::string line;
    std::getline(in, line);  // the header
    while (std::getline(in, line)) {
      std::istringstream words(line);
      long key = 0;
      std::string id;
      words >> key >> id;
      if (key >> 16 == key_prefix) found.insert(kind + " " + id);
    }
  }
  return found;
}

// Other processes may use the same suite meanwhile: what was not there before is theirs or ours, and either goes away.
names new_since(const names& before) {
  names found;
  for (const std::string& one : all_names()) {
    if (!before.contains(one)) found.insert(one);
  }
  return found;
}

// Waits until it holds; a minute is for a machine that stands still.
bool in_time(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

bool all_go(const names& found) {
  return in_time([&] {
    const names now = all_names();
    for (const std::string& one : found) {
      if (now.contains(one)) return false;
    }
    return true;
  });
}

std::string listed(const names& all) {
  std::string text;
  for (const std::string& one : all) text += one + "\n";
  return text;
}

// A child that runs work(), and a pipe that ends when it and all that it has forked are gone.
class killable {
 public:
  explicit killable(const std::function<void()>& work) {
    std::array<int, 2> ends{};
    checked(::pipe(ends.data()), "pipe");
    std::fflush(nullptr);  // so that the child has nothing to say a second time
    child_ = checked(::fork(), "fork");
    if (child_ == 0) {
      ::close(ends[0]);
      try {
        work();
      } catch (const std::exception& why) {
        ::_exit(3);
      }
      ::_exit(0);
    }
    ::close(ends[1]);
    end_ = file(ends[0]);
  }
  void kill() {
    ::kill(child_, SIGKILL);
    wait();
  }
  int wait() {
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }
  bool all_gone() {
    pollfd until{end_.get(), POLLIN, 0};
    return ::poll(&until, 1, 60'000) == 1;
  }

 private:
  pid_t child_ = -1;
  file end_;
};

const variant& variant_of(const std::string& impl, const std::string& case_name) {
  for (const variant& one : find_suite("ipc")->variants) {
    if (one.impl == impl && one.case_name == case_name) return one;
  }
  throw std::logic_error("there is no such variant");
}

point at(std::int64_t bytes) {
  point where;
  where.runs_on = gobench::results::vehicle::process;
  where.procs = 2;
  where.tasks = 2;
  where.parameters.set("bytes", bytes);
  return where;
}

// --- names ---

std::string made_file(const std::string& path) {
  std::ofstream(path) << "x";
  return path;
}

TEST(kept_name, is_there_until_it_is_released) {
  const std::string path = unique_path();
  kept_name name(
      "open", [&] { return made_file(path).empty() ? -1 : 42; }, [&] { ::unlink(path.c_str()); });
  EXPECT_EQ(name.made(), 42);
  EXPECT_TRUE(fs::exists(path));
  name.release();
  EXPECT_FALSE(fs::exists(path));
  // Once only: who has made the same name since keeps it.
  made_file(path);
  name.release();
  EXPECT_TRUE(fs::exists(path));
  fs::remove(path);
}

TEST(kept_name, goes_with_its_object) {
  const std::string path = unique_path();
  {
    const kept_name name(
        "open", [&] { return made_file(path).empty() ? -1 : 0; }, [&] { ::unlink(path.c_str()); });
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(kept_name, that_cannot_be_made_is_an_error) {
  try {
    const kept_name name(
        "open", [] { return ::open("/no/such/folder/x", O_CREAT | O_RDWR, 0600); }, [] {});
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& refused) {
    EXPECT_EQ(refused.code().value(), ENOENT);
    EXPECT_EQ(std::string(refused.what()), "open: No such file or directory");
  }
}

TEST(kept_name, goes_when_its_user_is_killed_but_not_before_who_that_has_forked) {
  const std::string path = unique_path();
  killable user([&] {
    const kept_name name(
        "open", [&] { return made_file(path).empty() ? -1 : 0; }, [&] { ::unlink(path.c_str()); });
    const pid_t other = ::fork();
    if (other == 0) {
      // Ends once it is told to by the next file.
      while (!fs::exists(path + "-end")) ::usleep(1000);
      ::_exit(0);
    }
    ::pause();
  });
  ASSERT_TRUE(in_time([&] { return fs::exists(path); }));
  std::this_thread::sleep_for(20ms);  // so that the other is there, mostly
  user.kill();
  std::this_thread::sleep_for(20ms);
  made_file(path + "-end");
  EXPECT_TRUE(user.all_gone());
  EXPECT_TRUE(in_time([&] { return !fs::exists(path); }));
  fs::remove(path + "-end");
}

TEST(kept_name, goes_when_all_of_its_process_group_is_ended) {
  for (const int by : {SIGINT, SIGTERM, SIGKILL}) {
    const std::string path = unique_path();
    std::fflush(nullptr);
    const pid_t user = ::fork();
    ASSERT_GE(user, 0);
    if (user == 0) {
      ::setpgid(0, 0);
      ::signal(by, SIG_DFL);
      const kept_name name(
          "open", [&] { return made_file(path).empty() ? -1 : 0; },
          [&] { ::unlink(path.c_str()); });
      for (;;) ::pause();
    }
    ASSERT_TRUE(in_time([&] { return fs::exists(path); }));
    ::kill(-user, by);
    int status = 0;
    ::waitpid(user, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_TRUE(in_time([&] { return !fs::exists(path); })) << by;
  }
}

// --- the suite, killed ---

std::vector<std::string> ways_with_names() {
  return {"os.file_lock",          "os.fifo",          "os.posix_mq",    "os.sysv_mq",
          "os.shm_futex",          "os.shm_semaphore", "os.shm_eventfd", "os.sysv_shm_futex",
          "os.sysv_shm_semaphore", "os.mapped_file",   "os.shm_ring"};
}

constexpr std::uint64_t endless = 1'000'000'000;

// At any time: while names are made, while messages go.
TEST(ipc_that_is_killed, leaves_no_name_and_no_process) {
  const names before = all_names();
  for (const std::string& impl : ways_with_names()) {
    const variant& one = variant_of(impl, "round trip");
    for (const auto after : {0us, 1000us, 3000us, 15'000us}) {
      killable running([&] { one.run(at(64), endless); });
      std::this_thread::sleep_for(after);
      running.kill();
      EXPECT_TRUE(running.all_gone()) << impl << ": a process is left";
    }
  }
  const names left = new_since(before);
  EXPECT_TRUE(all_go(left)) << listed(new_since(before));
}

// These have a name for as long as they are used, so the guardian has to remove it.
TEST(ipc_that_is_killed, removes_what_it_was_using) {
  for (const std::string impl : {"os.sysv_mq", "os.sysv_shm_semaphore"}) {
    const std::string kind = impl == "os.sysv_mq" ? "msg" : "sem";
    const names before = all_names();
    const variant& one = variant_of(impl, "stream");
    killable running([&] { one.run(at(1), endless); });
    names seen;
    const bool there = in_time([&] {
      seen.clear();
      for (const std::string& name : new_since(before)) {
        if (name.starts_with(kind)) seen.insert(name);
      }
      return !seen.empty();
    });
    running.kill();
    EXPECT_TRUE(there) << impl;
    EXPECT_TRUE(running.all_gone());
    EXPECT_TRUE(all_go(seen)) << listed(seen);
  }
}

// --- what goes wrong ---

// A pipe each way, and something between.
class altered : public descriptor_way {
 public:
  explicit altered(std::size_t) {
    for (const side from : {side::asks, side::answers}) {
      std::array<int, 2> ends{};
      checked(::pipe(ends.data()), "pipe");
      of(from) = {file(ends[0]), file(ends[1])};
    }
  }
  void send(side from, std::span<const std::byte> message) override {
    std::vector<std::byte> copy(message.begin(), message.end());
    if (from == wrong_ && ++sent_ == 3) alter(copy);
    descriptor_way::send(from, copy);
  }

 protected:
  altered(std::size_t bytes, side wrong) : altered(bytes) { wrong_ = wrong; }
  virtual void alter(std::span<std::byte>) {}

 private:
  side wrong_ = side::asks;
  int sent_ = 0;
};

struct torn_question : altered {
  explicit torn_question(std::size_t bytes) : altered(bytes, side::asks) {}
  void alter(std::span<std::byte> message) override { message.front() ^= std::byte{1}; }
};
struct torn_answer : altered {
  explicit torn_answer(std::size_t bytes) : altered(bytes, side::answers) {}
  void alter(std::span<std::byte> message) override { message.back() ^= std::byte{1}; }
};
struct torn_within : altered {
  explicit torn_within(std::size_t bytes) : altered(bytes, side::asks) {}
  void alter(std::span<std::byte> message) override { message[message.size() / 2] ^= std::byte{1}; }
};
struct refused_in_the_other : altered {
  explicit refused_in_the_other(std::size_t bytes) : altered(bytes) {}
  void begin(side mine, pid_t) override {
    if (mine == side::answers) throw std::system_error(ENOSPC, std::generic_category(), "begin");
  }
};
struct refused_while_answering : altered {
  explicit refused_while_answering(std::size_t bytes) : altered(bytes) {}
  void receive(side mine, std::span<std::byte> room) override {
    if (mine == side::answers) throw std::system_error(EIO, std::generic_category(), "receive");
    altered::receive(mine, room);
  }
};
struct refused_when_made : altered {
  explicit refused_when_made(std::size_t bytes) : altered(bytes) {
    throw std::system_error(EMFILE, std::generic_category(), "made");
  }
};

template <class Way>
std::unique_ptr<way> make(std::size_t bytes) {
  return std::make_unique<Way>(bytes);
}

TEST(ipc_messages, that_are_right_are_proved) {
  EXPECT_TRUE(round_trips(at(100), 3, make<altered>).result.holds());
  EXPECT_TRUE(stream(at(100), 3, make<altered>).result.holds());
}

TEST(ipc_messages, that_are_wrong_are_noticed) {
  EXPECT_FALSE(round_trips(at(100), 3, make<torn_question>).result.holds());
  EXPECT_FALSE(round_trips(at(100), 3, make<torn_answer>).result.holds());
  EXPECT_FALSE(round_trips(at(100), 3, make<torn_within>).result.holds());
  EXPECT_FALSE(stream(at(100), 3, make<torn_question>).result.holds());
  EXPECT_FALSE(stream(at(100), 3, make<torn_within>).result.holds());
  EXPECT_FALSE(stream(at(1), 3, make<torn_question>).result.holds());
}

template <class Way>
void is_refused_with(int error, const std::string& what) {
  try {
    round_trips(at(8), 5, make<Way>);
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& refused) {
    EXPECT_EQ(refused.code().value(), error);
    EXPECT_NE(std::string(refused.what()).find(what), std::string::npos) << refused.what();
  }
}

TEST(ipc_processes, tell_what_the_system_refused_in_any_of_them) {
  is_refused_with<refused_when_made>(EMFILE, "made: Too many open files");
  is_refused_with<refused_in_the_other>(ENOSPC, "begin: No space left on device");
  is_refused_with<refused_while_answering>(EIO, "receive: Input/output error");
}

TEST(ipc_content, is_told_apart_at_every_length) {
  for (std::size_t size = 1; size < 40; ++size) {
    std::vector<std::byte> message(size);
    content::fill(message);
    content::number(message, 5);
    EXPECT_TRUE(content::is_wholly(message, 5));
    EXPECT_FALSE(content::is(message, 6));
    for (std::size_t i = 0; i < size; ++i) {
      std::vector<std::byte> wrong = message;
      wrong[i] ^= std::byte{0x80};
      EXPECT_FALSE(content::is_wholly(wrong, 5)) << size << " " << i;
    }
  }
}

// --- the ring ---

TEST(byte_ring, takes_what_there_is_room_for) {
  const auto ring = std::make_unique<byte_ring>();
  std::vector<std::byte> some(byte_ring::capacity + 10);
  content::fill(some);
  std::vector<std::byte> got(some.size());
  EXPECT_EQ(ring->read(got), 0U);
  EXPECT_EQ(ring->write(some), byte_ring::capacity);
  EXPECT_EQ(ring->write(some), 0U);
  EXPECT_EQ(ring->read(std::span(got).first(7)), 7U);
  EXPECT_EQ(ring->write(some), 7U);
  EXPECT_EQ(ring->read(std::span(got).subspan(7)), byte_ring::capacity);
  EXPECT_EQ(ring->read(got), 0U);
}

TEST(byte_ring, keeps_the_order_of_bytes_between_threads) {
  const auto ring = std::make_unique<byte_ring>();
  constexpr std::size_t total = 3 * byte_ring::capacity + 5;
  std::thread writer([&] {
    std::vector<std::byte> some(1000);
    for (std::size_t sent = 0; sent < total;) {
      for (std::size_t i = 0; i < some.size(); ++i)
        some[i] = static_cast<std::byte>((sent + i) % 251);
      const std::size_t n = ring->write(std::span(some).first(std::min(some.size(), total - sent)));
      sent += n;
      if (n == 0) std::this_thread::yield();
    }
  });
  std::vector<std::byte> got(777);
  std::size_t wrong = 0;
  for (std::size_t seen = 0; seen < total;) {
    const std::size_t n = ring->read(got);
    for (std::size_t i = 0; i < n; ++i) wrong += got[i] != static_cast<std::byte>((seen + i) % 251);
    seen += n;
    if (n == 0) std::this_thread::yield();
  }
  writer.join();
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
