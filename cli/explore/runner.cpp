#include "cli/explore/runner.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <system_error>

#include "cli/failure.hpp"
#include "cli/race/messages.hpp"
#include "cli/signals.hpp"

extern char** environ;

namespace gobench::cli::explore {

namespace {

using namespace std::chrono_literals;

// The controller ends a schedule that makes no progress long before; this is for a process that it has lost.
constexpr auto longest_run = 120s;

// Of what the program says, the end is kept.
constexpr std::size_t most_said = 64 * 1024;

// Where the kernel cannot tell of ends, they are looked for this often.
constexpr int look_again_ms = 1;

// The CPUs that this process may use.
std::vector<int> usable_cpus() {
  std::vector<int> all;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return all;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) all.push_back(cpu);
  }
  return all;
}

// While it exists, what this thread starts runs on one CPU only: threads that hand over to each other do that
// fastest there.
class pinned {
 public:
  explicit pinned(int cpu) {
    CPU_ZERO(&before_);
    if (cpu < 0 || ::sched_getaffinity(0, sizeof before_, &before_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    changed_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  pinned(const pinned&) = delete;
  pinned& operator=(const pinned&) = delete;
  ~pinned() {
    if (changed_) ::sched_setaffinity(0, sizeof before_, &before_);
  }

 private:
  cpu_set_t before_{};
  bool changed_ = false;
};

std::vector<std::string> lines_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> all;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) all.push_back(line);
  }
  return all;
}

std::string end_of(int fd) {
  const off_t size = ::lseek(fd, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - static_cast<off_t>(most_said));
  std::string text(static_cast<std::size_t>(std::max<off_t>(0, size - from)), '\0');
  const ssize_t got = ::pread(fd, text.data(), text.size(), from);
  text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return text;
}

class spawn_actions {
 public:
  spawn_actions() {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    ::sigemptyset(&none);
    sigset_t usual;
    ::sigemptyset(&usual);
    ::sigaddset(&usual, SIGINT);
    ::sigaddset(&usual, SIGTERM);
    ::sigaddset(&usual, SIGPIPE);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &usual);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  spawn_actions(const spawn_actions&) = delete;
  spawn_actions& operator=(const spawn_actions&) = delete;
  ~spawn_actions() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  void stream(int from, int number) { ::posix_spawn_file_actions_adddup2(&actions_, from, number); }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

runner::runner(const target& program, std::size_t jobs)
    : program_(program), folder_("gobench-explore"), slots_(std::max<std::size_t>(1, jobs)) {
  nothing_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const std::vector<int> cpus = usable_cpus();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slot& one = slots_[i];
    const auto file = [&](const char* name) {
      return folder_.path() / (std::string(name) + std::to_string(i));
    };
    one.files = {file("log"), file("findings"), file("follow"), file("hot")};
    one.said = ::memfd_create("gobench-explore", MFD_CLOEXEC);
    if (one.said < 0) throw std::system_error(errno, std::generic_category(), "a file in memory");
    if (!cpus.empty()) one.cpu = cpus[i % cpus.size()];
  }
}

runner::~runner() {
  kill_all();
  for (const slot& one : slots_) {
    if (one.said >= 0) ::close(one.said);
  }
  if (nothing_ >= 0) ::close(nothing_);
}

std::size_t runner::free() const {
  return static_cast<std::size_t>(std::ranges::count(slots_, 0, &slot::process));
}

void runner::start(job what) {
  slot& one = *std::ranges::find(slots_, 0, &slot::process);
  one.what = std::move(what);
  write_plan(one.what.what, one.what.asleep, one.files);
  // A log is written over from its beginning, and its header says how far it goes.
  std::ofstream(one.files.findings, std::ios::trunc);
  static_cast<void>(!::truncate(one.files.log.c_str(), 0));
  static_cast<void>(!::ftruncate(one.said, 0));
  ::lseek(one.said, 0, SEEK_SET);

  const auto added = program_.variables(one.what.what, one.files);
  std::vector<std::string> texts;
  for (const auto& [name, value] : added) texts.push_back(name + "=" + value);
  std::vector<char*> environment;
  for (char** at = environ; *at != nullptr; ++at) {
    const std::string_view entry(*at);
    if (!added.contains(std::string(entry.substr(0, entry.find('='))))) environment.push_back(*at);
  }
  for (std::string& text : texts) environment.push_back(text.data());
  environment.push_back(nullptr);
  std::vector<std::string> words = program_.command();
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  spawn_actions how;
  if (nothing_ >= 0) how.stream(nothing_, 0);
  how.stream(one.said, 1);
  how.stream(one.said, 2);
  pid_t process = 0;
  int error = 0;
  {
    const pinned here(one.cpu);
    error = ::posix_spawn(&process, program_.path().c_str(), how.actions(), how.attributes(),
                          arguments.data(), environment.data());
    if (error == ENOEXEC) {
      std::string shell = "sh";
      std::string script = program_.path();
      std::vector<char*> all = {shell.data(), script.data()};
      all.insert(all.end(), arguments.begin() + 1, arguments.end());
      error = ::posix_spawn(&process, "/bin/sh", how.actions(), how.attributes(), all.data(),
                            environment.data());
    }
  }
  if (error != 0) {
    throw environment_error(race::messages::cannot_start(
        std::system_error(error, std::generic_category(), program_.path()).what()));
  }
  one.process = process;
  one.started = std::chrono::steady_clock::now();
#ifdef SYS_pidfd_open
  one.end = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  if (one.end >= 0) ::fcntl(one.end, F_SETFD, FD_CLOEXEC);
#endif
}

void runner::kill_group(const slot& one) { ::kill(-one.process, SIGKILL); }

void runner::release(slot& one) {
  if (one.end >= 0) ::close(one.end);
  one.end = -1;
  one.process = 0;
}

void runner::kill_all() {
  for (slot& one : slots_) {
    if (one.process == 0) continue;
    kill_group(one);
    ::waitpid(one.process, nullptr, 0);
    release(one);
  }
}

run_result runner::result_of(slot& one, int status, bool too_slow) {
  run_result made;
  if (WIFSIGNALED(status)) {
    made.how.signal = WTERMSIG(status);
  } else {
    made.how.exit_code = WEXITSTATUS(status);
  }
  made.too_slow = too_slow;
  made.log = detector::exploration::read_log(one.files.log);
  made.findings = lines_in(one.files.findings);
  made.said = end_of(one.said);
  return made;
}

std::optional<finished_job> runner::next(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (running() > 0 && noted_signal() == 0) {
    std::vector<pollfd> ends;
    bool all_tell = true;
    for (const slot& one : slots_) {
      if (one.process == 0) continue;
      if (one.end >= 0) {
        ends.push_back({one.end, POLLIN, 0});
      } else {
        all_tell = false;
      }
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    ::poll(ends.data(), ends.size(),
           all_tell ? static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000))
                    : look_again_ms);
    for (slot& one : slots_) {
      if (one.process == 0) continue;
      siginfo_t about{};
      if (::waitid(P_PID, static_cast<id_t>(one.process), &about, WEXITED | WNOHANG | WNOWAIT) !=
          0) {
        about.si_pid = one.process;
      }
      bool too_slow = false;
      if (about.si_pid == 0) {
        too_slow = std::chrono::steady_clock::now() - one.started > longest_run;
        if (!too_slow) continue;
      }
      kill_group(
          one);  // what it has left running; while it is not waited for, the number is its own
      int status = 0;
      ::waitpid(one.process, &status, 0);
      finished_job made;
      made.result = result_of(one, status, too_slow);
      made.what = std::move(one.what);
      release(one);
      return made;
    }
    if (std::chrono::steady_clock::now() >= until) break;
  }
  return std::nullopt;
}

std::optional<run_result> runner::perform(const job& what) {
  start(what);
  while (noted_signal() == 0) {
    if (std::optional<finished_job> made = next(1000ms)) return std::move(made->result);
  }
  kill_all();
  return std::nullopt;
}

}  // namespace gobench::cli::explore
