#include "suites/peers/line_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

namespace gobench::suites::peers {

namespace {

// Ours, with some variables replaced.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& replaced) {
  std::vector<std::string> made;
  for (char** one = environ; *one != nullptr; ++one) {
    const std::string_view entry = *one;
    if (!replaced.contains(std::string(entry.substr(0, entry.find('='))))) made.emplace_back(entry);
  }
  for (const auto& [name, text] : replaced) {
    std::string entry = name;
    entry += '=';
    made.push_back(entry + text);
  }
  return made;
}

struct spawn_actions {
  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};
  spawn_actions() {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
  }
  spawn_actions(const spawn_actions&) = delete;
  spawn_actions& operator=(const spawn_actions&) = delete;
  ~spawn_actions() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }
};

}  // namespace

line_process::line_process(const std::string& program,
                           const std::map<std::string, std::string>& environment) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  spawn_actions how;
  ::posix_spawn_file_actions_adddup2(&how.files, ends[1], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&how.files, ends[1], STDOUT_FILENO);
  ::posix_spawnattr_setflags(&how.attributes, POSIX_SPAWN_SETPGROUP);
  ::posix_spawnattr_setpgroup(&how.attributes, 0);

  std::vector<std::string> entries = environment_with(environment);
  std::vector<char*> variables;
  for (std::string& one : entries) variables.push_back(one.data());
  variables.push_back(nullptr);
  std::string name = program;
  std::array<char*, 2> arguments = {name.data(), nullptr};
  const int refused = ::posix_spawn(&pid_, program.c_str(), &how.files, &how.attributes,
                                    arguments.data(), variables.data());
  ::close(ends[1]);
  if (refused != 0) {
    ::close(ends[0]);
    throw std::system_error(refused, std::generic_category(), program);
  }
  socket_ = ends[0];
}

line_process::~line_process() {
  ::close(socket_);
  // It ends by itself, but perhaps not soon: it may be in the middle of something.
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) == -1 && errno == EINTR) {
  }
}

std::string line_process::ask(const std::string& line) {
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::runtime_error("the program of the peer has ended");
    sent += static_cast<std::size_t>(n);
  }
  std::string answer;
  std::array<char, 65536> buffer{};
  while (answer.empty() || answer.back() != '\n') {
    const ssize_t n = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw std::runtime_error("the program of the peer has ended while it worked");
    answer.append(buffer.data(), static_cast<std::size_t>(n));
  }
  answer.pop_back();
  return answer;
}

}  // namespace gobench::suites::peers
