#include "tests/cli/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
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
#include <iostream>
#include <sstream>

namespace {

// Far more than anything here takes, also on a crowded machine.
constexpr auto patience = std::chrono::seconds(100);

void become(const launch& how) {
  for (const auto& [name, value] : how.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (how.largest_file) {
    const auto bytes = static_cast<rlim_t>(*how.largest_file);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  if (how.instead) {
    const int code = how.instead();
    std::cout.flush();
    ::_exit(code);
  }
  std::vector<std::string> arguments = {GOBENCH_CLI_PATH};
  arguments.insert(arguments.end(), how.arguments.begin(), how.arguments.end());
  std::vector<char*> pointers;
  for (std::string& one : arguments) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  ::execv(pointers[0], pointers.data());
  ::_exit(126);
}

// Settings of the machine on which the tests run must not reach the program under test.
void clear_settings() {
  std::vector<std::string> names;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string entry(*one);
    if (entry.starts_with("GOBENCH_")) names.push_back(entry.substr(0, entry.find('=')));
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
}

}  // namespace

child::child(const launch& how) {
  const scratch empty;  // exists for the chdir below; a removed directory is still an empty one
  std::array<int, 2> out{-1, -1};
  std::array<int, 2> err{-1, -1};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  if (how.err_terminal) {
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    if (::openpty(&err[0], &err[1], nullptr, nullptr, &size) != 0) throw std::runtime_error("pty");
  } else if (::pipe2(err.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("pipe");
  }
  std::array<int, 2> ready{-1, -1};
  if (::pipe2(ready.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  // Before there is a child, which could otherwise write before its reader has left.
  if (how.out_closed) {
    ::close(out[0]);
    out[0] = -1;
  }
  std::fflush(nullptr);  // else the child writes what is buffered here as well
  pid_ = ::fork();
  if (pid_ == 0) {
    // Not the parent's: a test runner may have them ignored or blocked.
    for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ}) std::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    clear_settings();
    const std::string directory = how.directory.empty() ? empty.path() : how.directory;
    if (::chdir(directory.c_str()) != 0) ::_exit(126);
    int to = out[1];
    if (!how.out_path.empty()) to = ::open(how.out_path.c_str(), O_WRONLY | O_CREAT, 0666);
    ::dup2(to, 1);
    ::dup2(err[1], 2);
    if (out[0] >= 0) ::close(out[0]);
    ::close(ready[0]);
    ::close(ready[1]);
    become(how);
  }
  ::close(out[1]);
  ::close(err[1]);
  ::close(ready[1]);
  // The other end is closed when the child has reached its directory.
  char unused = 0;
  static_cast<void>(::read(ready[0], &unused, 1));
  ::close(ready[0]);
  out_ = out[0];
  err_ = err[0];
}

child::~child() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
}

void child::send(int signal) const {
  if (!reaped_) ::kill(pid_, signal);
}

void child::read_some(int timeout_ms) {
  std::array<pollfd, 2> streams{pollfd{out_, POLLIN, 0}, pollfd{err_, POLLIN, 0}};
  ::poll(streams.data(), streams.size(), timeout_ms);
  const auto take = [](const pollfd& stream, int& fd, std::string& text) {
    if (fd < 0 || stream.revents == 0) return;
    std::array<char, 65536> room{};
    const ssize_t got = ::read(fd, room.data(), room.size());
    if (got > 0) {
      text.append(room.data(), static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {  // a terminal's end is an error
      ::close(fd);
      fd = -1;
    }
  };
  take(streams[0], out_, result_.out);
  take(streams[1], err_, result_.err);
}

bool child::ended() {
  if (reaped_) return true;
  read_some(20);
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  reaped_ = true;
  if (WIFEXITED(status)) result_.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result_.signal = WTERMSIG(status);
  return true;
}

outcome child::wait() {
  const auto start = std::chrono::steady_clock::now();
  while (!ended()) {
    if (std::chrono::steady_clock::now() - start < patience) continue;
    ADD_FAILURE() << "gobench does not end; it has said:\n" << result_.out << result_.err;
    ::kill(pid_, SIGKILL);
  }
  while (out_ >= 0 || err_ >= 0) read_some(-1);
  return result_;
}

outcome run(const launch& how) { return child(how).wait(); }

outcome typed(std::vector<std::string> arguments) {
  return run({.arguments = std::move(arguments)});
}

scratch::scratch() {
  std::string name = (std::filesystem::temp_directory_path() / "gobench-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = name;
}

scratch::~scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string scratch::path(const std::string& name) const {
  return name.empty() ? directory_ : directory_ + "/" + name;
}

void scratch::write(const std::string& name, const std::string& content) const {
  const std::filesystem::path file = path(name);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << content;
}

std::string scratch::read(const std::string& name) const {
  std::ifstream in(path(name));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool scratch::has(const std::string& name) const { return std::filesystem::exists(path(name)); }

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> remarks(const outcome& found) {
  std::vector<std::string> lines = lines_of(found.err);
  std::erase_if(lines, [](const std::string& line) {
    return line.find("not those of optimised code") != std::string::npos;
  });
  return lines;
}

std::vector<std::vector<std::string>> csv_of(const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  for (std::string line : lines_of(text)) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells;
    std::istringstream in(line + ",");
    for (std::string cell; std::getline(in, cell, ',');) cells.push_back(cell);
    rows.push_back(cells);
  }
  return rows;
}

std::vector<std::string> small_run(std::vector<std::string> more) {
  std::vector<std::string> arguments = {
      "run",  "mutex-vs-chan", "--impl", "^std.mutex$", "--reps",    "2",       "--min-time",
      "50us", "--tasks",       "1",      "--param",     "hold_ns=0", "--procs", "1"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}
