#include "suites/peers/command.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace gobench::suites::peers {

namespace {

// Ours, with some variables replaced.
std::vector<std::string> environment_with(const variables& replaced) {
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

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> made;
  for (std::string& one : words) made.push_back(one.data());
  made.push_back(nullptr);
  return made;
}

class spawn_actions {
 public:
  explicit spawn_actions(const launch& how) {
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawnattr_init(&attributes);
    redirect(how.input, STDIN_FILENO);
    redirect(how.output, STDOUT_FILENO);
    if (how.errors_to_output) {
      ::posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    } else if (how.quiet) {
      redirect(-1, STDERR_FILENO);
    }
    ::posix_spawn_file_actions_addchdir_np(&files, how.directory.c_str());
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    ::posix_spawnattr_setpgroup(&attributes, 0);
  }
  spawn_actions(const spawn_actions&) = delete;
  spawn_actions& operator=(const spawn_actions&) = delete;
  ~spawn_actions() {
    ::posix_spawn_file_actions_destroy(&files);
    ::posix_spawnattr_destroy(&attributes);
  }

  posix_spawn_file_actions_t files{};
  posix_spawnattr_t attributes{};

 private:
  void redirect(int from, int to) {
    if (from >= 0) {
      ::posix_spawn_file_actions_adddup2(&files, from, to);
    } else {
      ::posix_spawn_file_actions_addopen(&files, to, "/dev/null", O_RDWR, 0);
    }
  }
};

}  // namespace

pid_t start(const launch& how) {
  const spawn_actions actions(how);
  std::vector<std::string> words = how.words;
  std::vector<std::string> entries = environment_with(how.environment);
  pid_t made = -1;
  const int refused =
      ::posix_spawnp(&made, how.words.front().c_str(), &actions.files, &actions.attributes,
                     pointers_to(words).data(), pointers_to(entries).data());
  if (refused != 0) {
    throw std::system_error(refused, std::generic_category(), how.words.front());
  }
  return made;
}

command_result run_command(launch how) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return {};
  how.output = ends[1];
  pid_t child = -1;
  try {
    child = start(how);
  } catch (const std::system_error&) {
    ::close(ends[0]);
    ::close(ends[1]);
    return {};
  }
  ::close(ends[1]);
  command_result made;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t n = ::read(ends[0], buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    made.output.append(buffer.data(), static_cast<std::size_t>(n));
  }
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  made.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return made;
}

}  // namespace gobench::suites::peers
