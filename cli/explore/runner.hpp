// Runs schedules of a program, several at a time: each in a process of its own, on one CPU.
//
// Invariants
// - Every running child has a slot: files of its own, and one CPU. The slot is free again when its result was taken.
// - A child is the leader of a process group, so that a terminal's signals do not reach it and what it leaves running
//   ends with it.
// - What a result says does not depend on the slot or on what else runs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/child_process.hpp"
#include "cli/explore/target.hpp"
#include "cli/scratch_folder.hpp"
#include "detector/exploration/schedule_log.hpp"

namespace gobench::cli::explore {

struct run_result {
  ending how;
  bool too_slow = false;  // it was killed: it had not ended after a generous time
  detector::exploration::schedule_log log;
  std::vector<std::string> findings;  // lines of the detector
  std::string said;                   // the end of what it wrote to its standard output and error
};

struct job {
  std::uint64_t number = 0;  // for the caller
  detector::exploration::plan what;
  std::vector<std::uint32_t> asleep;
};

struct finished_job {
  job what;
  run_result result;
};

class runner {
 public:
  // Throws std::system_error where there is no place for its files.
  runner(const target& program, std::size_t jobs);
  runner(const runner&) = delete;
  runner& operator=(const runner&) = delete;
  // Kills what still runs.
  ~runner();

  std::size_t free() const;
  std::size_t running() const { return slots_.size() - free(); }
  // Needs a free slot. Throws environment_error when the program cannot be started.
  void start(job what);
  // The next one that has ended; nothing where none runs, none does within this time, or a signal has been
  // noted meanwhile.
  std::optional<finished_job> next(std::chrono::milliseconds patience);
  // One from start to end, while no other runs. Nothing when a signal was noted.
  std::optional<run_result> perform(const job& what);
  void kill_all();

 private:
  struct slot {
    run_files files;
    int said = -1;  // standard output and error
    int cpu = -1;
    pid_t process = 0;  // 0: free
    int end = -1;       // becomes readable when it ends; -1 where the kernel cannot
    std::chrono::steady_clock::time_point started;
    job what;
  };

  void release(slot& one);
  void kill_group(const slot& one);
  run_result result_of(slot& one, int status, bool too_slow);

  const target& program_;
  scratch_folder folder_;
  std::vector<slot> slots_;
  int nothing_ = -1;  // standard input
};

}  // namespace gobench::cli::explore
