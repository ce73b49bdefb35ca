#include "cli/child_process.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <system_error>

extern char** environ;

namespace gobench::cli {

namespace {

// Our environment with the additions in place of what they replace.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string entry(*one);
    if (!added.contains(entry.substr(0, entry.find('=')))) all.push_back(entry);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& one : texts) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  return pointers;
}

// In the child, where only system calls may be made: nothing is allocated here.
[[noreturn]] void become(const start_options& how, char** arguments, char** shell_arguments,
                         char** environment, int report) {
  const std::array<int, 3> streams = {how.in, how.out, how.err};
  for (int number = 0; number < 3; ++number) {
    if (streams[static_cast<std::size_t>(number)] >= 0) {
      ::dup2(streams[static_cast<std::size_t>(number)], number);
    }
  }
  int error = 0;
  if (!how.directory.empty() && ::chdir(how.directory.c_str()) != 0) error = errno;
  if (error == 0) {
    ::execve(how.path.c_str(), arguments, environment);
    error = errno;
    if (error == ENOEXEC) {
      ::execve("/bin/sh", shell_arguments, environment);
      error = errno;
    }
  }
  static_cast<void>(!::write(report, &error, sizeof error));
  ::_exit(127);
}

// Set by signal_relay, read by the handler: lock-free, so that it may be.
std::atomic<pid_t> relayed_to{0};
std::array<std::atomic<int>, 65> waiting{};
constexpr std::array<int, 4> relayed_signals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
std::array<struct sigaction, relayed_signals.size()> before_relay{};

extern "C" void relay_signal(int number, siginfo_t* about, void*) {
  if (about->si_code > 0) return;  // from the kernel: a terminal has sent it to the whole group
  const int saved = errno;
  const pid_t process = relayed_to.load();
  if (process > 0) {
    ::kill(process, number);
  } else {
    waiting[static_cast<std::size_t>(number)].store(1);
  }
  errno = saved;
}

}  // namespace

child_process::child_process(const start_options& how) {
  std::vector<std::string> arguments = how.arguments;
  std::vector<std::string> shell = {"sh", how.path};
  if (!arguments.empty()) shell.insert(shell.end(), arguments.begin() + 1, arguments.end());
  std::vector<std::string> environment = environment_with(how.environment);
  const std::vector<char*> argument_pointers = pointers_to(arguments);
  const std::vector<char*> shell_pointers = pointers_to(shell);
  const std::vector<char*> environment_pointers = pointers_to(environment);
  std::array<int, 2> report{-1, -1};
  if (::pipe2(report.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "a pipe");
  }
  pid_ = ::fork();
  if (pid_ == 0) {
    become(how, const_cast<char**>(argument_pointers.data()),
           const_cast<char**>(shell_pointers.data()),
           const_cast<char**>(environment_pointers.data()), report[1]);
  }
  int error = pid_ < 0 ? errno : 0;
  ::close(report[1]);
  // The other end is closed by a successful exec.
  while (error == 0) {
    const ssize_t got = ::read(report[0], &error, sizeof error);
    if (got < 0 && errno == EINTR) continue;
    break;
  }
  ::close(report[0]);
  if (error != 0) {
    if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    throw std::system_error(error, std::generic_category(), how.path);
  }
#ifdef SYS_pidfd_open
  end_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (end_ >= 0) ::fcntl(end_, F_SETFD, FD_CLOEXEC);
#endif
}

child_process::~child_process() {
  if (!ending_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (end_ >= 0) ::close(end_);
}

void child_process::take(int status) {
  ending made;
  if (WIFSIGNALED(status)) {
    made.signal = WTERMSIG(status);
  } else {
    made.exit_code = WEXITSTATUS(status);
  }
  ending_ = made;
}

std::optional<ending> child_process::ended() {
  int status = 0;
  if (!ending_ && ::waitpid(pid_, &status, WNOHANG) == pid_) take(status);
  return ending_;
}

ending child_process::wait() {
  int status = 0;
  while (!ending_) {
    if (::waitpid(pid_, &status, 0) == pid_) take(status);
  }
  return *ending_;
}

signal_relay::signal_relay() {
  relayed_to.store(0);
  for (const int number : relayed_signals) waiting[static_cast<std::size_t>(number)].store(0);
  struct sigaction action {};
  action.sa_sigaction = relay_signal;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  for (std::size_t i = 0; i < relayed_signals.size(); ++i) {
    ::sigaction(relayed_signals[i], nullptr, &before_relay[i]);
    // Ignored ones stay ignored, by the program too.
    if (before_relay[i].sa_handler != SIG_IGN) ::sigaction(relayed_signals[i], &action, nullptr);
  }
}

signal_relay::~signal_relay() {
  relayed_to.store(0);
  for (std::size_t i = 0; i < relayed_signals.size(); ++i) {
    ::sigaction(relayed_signals[i], &before_relay[i], nullptr);
  }
}

void signal_relay::to(pid_t process) {
  relayed_to.store(process);
  for (const int number : relayed_signals) {
    if (waiting[static_cast<std::size_t>(number)].exchange(0) != 0) ::kill(process, number);
  }
}

kept_run run_kept(start_options how) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "a pipe");
  }
  how.out = ends[1];
  how.err = ends[1];
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  how.in = nothing;
  kept_run made;
  try {
    child_process child(how);
    ::close(ends[1]);
    ends[1] = -1;
    std::array<char, 4096> room{};
    for (;;) {
      const ssize_t got = ::read(ends[0], room.data(), room.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) break;
      made.output.append(room.data(), static_cast<std::size_t>(got));
    }
    made.how = child.wait();
  } catch (...) {
    for (const int fd : {ends[0], ends[1], nothing}) {
      if (fd >= 0) ::close(fd);
    }
    throw;
  }
  ::close(ends[0]);
  if (nothing >= 0) ::close(nothing);
  return made;
}

ending run_through(const start_options& how) {
  const signal_relay relay;
  child_process child(how);
  signal_relay::to(child.id());
  const ending how_it_ended = child.wait();
  return how_it_ended;
}

std::optional<std::string> found_on_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  if (name.empty()) return std::nullopt;
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/" + name;
    struct stat about {};
    if (::stat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
        ::access(file.c_str(), X_OK) == 0) {
      return file;
    }
  }
  return std::nullopt;
}

}  // namespace gobench::cli
