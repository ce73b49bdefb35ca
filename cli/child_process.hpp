// Other programs, started and waited for.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gobench::cli {

struct start_options {
  std::string path;                                // of the program; no search
  std::vector<std::string> arguments;              // with the program's name
  std::map<std::string, std::string> environment;  // added to ours
  int in = -1;                                     // descriptors to stand for the child's streams
  int out = -1;
  int err = -1;
  std::string directory;  // empty: ours
};

// How a program has ended.
struct ending {
  std::optional<int> exit_code;
  std::optional<int> signal;
  // As a shell tells it: 128 + n for a signal.
  int code() const { return exit_code ? *exit_code : 128 + signal.value_or(0); }
};

class child_process {
 public:
  // Starts it. A file that the kernel does not take for a program is given to /bin/sh, as a shell does.
  // Throws std::system_error with the path when it cannot be started.
  explicit child_process(const start_options& how);
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  // Kills it when it still runs.
  ~child_process();

  pid_t id() const { return pid_; }

  // Becomes readable when it ends; -1 where the kernel has no such thing.
  int end_descriptor() const { return end_; }

  // Nothing while it runs.
  std::optional<ending> ended();
  ending wait();

 private:
  void take(int status);

  pid_t pid_ = -1;
  int end_ = -1;
  std::optional<ending> ending_;
};

// While it exists, SIGINT, SIGTERM, SIGHUP and SIGQUIT are handed on to a program and end that, not us. What
// a terminal sends goes to its whole foreground group, so the program has got that already.
class signal_relay {
 public:
  // Nothing is handed on before to() was called.
  signal_relay();
  signal_relay(const signal_relay&) = delete;
  signal_relay& operator=(const signal_relay&) = delete;
  ~signal_relay();

  // Signals that came before are handed on now.
  static void to(pid_t process);
};

// Runs it with its output kept: standard output and error together.
struct kept_run {
  ending how;
  std::string output;
};
kept_run run_kept(start_options how);

// Runs it and waits, our streams being its own; signals are relayed.
ending run_through(const start_options& how);

// The file that a shell would run for `name`: itself when it has a slash, else the first of PATH. Nothing
// when there is none.
std::optional<std::string> found_on_path(const std::string& name);

}  // namespace gobench::cli
