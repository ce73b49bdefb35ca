// Runs gobench as a process, or a function in a forked child, and collects what it says.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

struct outcome {
  int code = -1;    // exit code; -1 when a signal ended it
  int signal = 0;   // the signal that ended it; 0 when it exited
  std::string out;  // standard output
  std::string err;  // standard error
};

struct launch {
  std::vector<std::string> arguments = {};              // without the program's name
  std::map<std::string, std::string> environment = {};  // added to ours
  std::string directory = {};                           // empty: a fresh empty one
  std::optional<long> largest_file = {};                // RLIMIT_FSIZE in bytes
  std::string out_path = {};                            // standard output goes there
  bool out_closed = false;                              // the reader of standard output is gone
  bool err_terminal = false;                            // standard error is a terminal
  std::function<int()> instead = {};                    // run this in the child, not the program
};

// A child that runs. Its output is read while it runs, so that it never waits for us.
class child {
 public:
  explicit child(const launch& how);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child();

  void send(int signal) const;
  // Whether it has ended; reads what it said meanwhile.
  bool ended();
  // Waits for the end. Kills it after a generous time, which fails the test.
  outcome wait();

 private:
  void read_some(int timeout_ms);

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  bool reaped_ = false;
  outcome result_;
};

outcome run(const launch& how);

// gobench with these arguments, as typed.
outcome typed(std::vector<std::string> arguments);

// A directory of its own for a test, removed with everything in it at the end.
class scratch {
 public:
  scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch();

  std::string path(const std::string& name = {}) const;
  void write(const std::string& name, const std::string& content) const;
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;

 private:
  std::string directory_;
};

std::vector<std::string> lines_of(const std::string& text);

// Lines of standard error but for the warning of a build that is not optimised.
std::vector<std::string> remarks(const outcome& found);

// Cells of a CSV text without quoted line ends, one row per line.
std::vector<std::vector<std::string>> csv_of(const std::string& text);

// The least that measures something: one case with these further arguments.
std::vector<std::string> small_run(std::vector<std::string> more = {});
