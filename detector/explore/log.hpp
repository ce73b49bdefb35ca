// The log of a schedule: every decision, in order. Written by the checked program, read by the tool.
//
// The file is mapped shared by who writes, so that what was written is there whatever ends the process; `count` is
// raised after its record is whole. The file is longer than `count` says: it grows in pieces.
//
// A thread announces its next operation before it gives up the baton, and the record of that operation is written when it
// is chosen: so what thread t is about to do at step s is the first record of t from s on.
#pragma once

#include <cstdint>

#include "detector/explore/operation.hpp"

namespace gobench::detector::explore {

inline constexpr char log_magic[8] = {'g', 'o', 'b', 'e', 'x', 'p', 'l', '1'};
inline constexpr std::uint32_t log_version = 1;

// Why there are no more records.
enum class end_reason : std::uint8_t {
  running,  // what is there when something kills the process: a signal, abort, _exit in a child's way
  finished,  // the program has ended by itself: `exit_status` says how
  deadlock,  // nobody could run, and nothing could change that
  hang,      // more steps than asked for, or no progress
};

struct log_header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t record_size;
  std::uint64_t count;
  end_reason end;
  std::uint8_t reserved[3];
  std::int32_t exit_status;    // of `finished`: what the program gave to exit
  std::uint64_t virtual_ns;    // how long it took by its own clock
  std::uint64_t program_base;  // where the program itself is loaded, to tell what a pc is
  std::uint64_t program_end;
  std::uint32_t threads;       // how many there have been
  std::uint32_t open_choices;  // records with flag_open
};
static_assert(sizeof(log_header) == 64);

enum log_flags : std::uint8_t {
  flag_open = 1,           // there was a choice: more than one candidate
  flag_preemption = 2,     // the thread before was enabled, did not step back, and was not chosen
  flag_value = 4,          // a choice of a value: `chosen` of `count`; `thread` goes on
  flag_stepping_back = 8,  // the thread before had asked that others go first
};

// One step. Of a value choice, `operation` says what it is about.
struct log_record {
  std::uint32_t step;
  std::uint16_t thread;  // who was chosen; clock_thread: the earliest deadline has passed
  operation what;        // what it does next
  std::uint8_t flags;
  std::uint16_t
      chosen;  // index among the candidates, who stand in order of their numbers, the clock last
  std::uint16_t count;   // how many candidates
  std::uint32_t before;  // who had run before
  std::uint64_t
      object;        // what it is done on: an address, a descriptor, a thread's number; 0: nothing
  std::uint64_t pc;  // where, in the program
  std::uint64_t enabled;  // the candidates' numbers as bits; 62: any above, 63: the clock
};
static_assert(sizeof(log_record) == 40);

}  // namespace gobench::detector::explore
