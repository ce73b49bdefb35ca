// A finding as the command line knows it: what the detector in a checked program has written about it.
//
// The checked program appends one JSON object per line to a file (see docs/detection.md); this is one of
// those of a finding. What a line leaves out keeps its empty value, so that a detector that knows less, or
// a kind of finding that has less to tell, needs no form of its own.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace gobench::detector::findings {

using json = nlohmann::ordered_json;

// One level of a stack. `line` and `column` are 1-based, 0 where they are not known.
struct frame {
  std::string function;
  std::string file;  // empty: no debug information there
  int line = 0;
  int column = 0;
  std::string module;  // the program or library
  std::string offset;  // in the module, such as 0x1234
  bool inlined = false;
};

// The innermost frame first.
using stack = std::vector<frame>;

struct held_lock {
  std::string name;      // M1, M2, ... within the finding
  std::string variable;  // what the program calls it, where that is known
  std::string address;
  std::string mode;  // exclusive, shared
  stack taken;
};

struct task_info {
  std::uint64_t id = 0;
  std::string name;
  std::string kind;  // thread, fiber
  stack born;
};

struct access {
  std::string op;          // read, write, atomic write, free, unlock, ...
  std::uint64_t size = 0;  // bytes; 0: no access of memory
  std::string address;
  task_info task;
  stack where;
  std::vector<held_lock> locks;
};

struct object_info {
  std::string kind;         // heap, global, stack, tls, fd, unknown
  std::string description;  // "heap block of 40 bytes ..."
  std::string name;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  // of the access, from its start
  stack made;                // where it was allocated
  std::optional<std::uint64_t> task;
};

struct finding {
  std::string kind;  // data-race, use-after-free-race, misuse, deadlock, ...
  std::string type;  // finer: "race with free", "double unlock"
  std::string message;
  std::string fingerprint;                   // of functions and kinds, stable between builds
  std::optional<std::string> suppressed_by;  // the line of the suppressions file
  std::vector<access> accesses;              // the one that completed the finding first
  std::optional<object_info> object;
  std::optional<held_lock> lock;  // what a misuse is about
  std::string advice;             // what would order the two accesses
  std::string time;               // RFC 3339
  long process = 0;               // its id; 0: not known
  std::string reproduce;          // the command that leads to this one; empty: the run's
};

// Throws std::invalid_argument with a sentence unless `line` is a JSON object that has at least a kind and
// a fingerprint.
finding to_finding(const json& line);

json to_json(const stack& frames);
// The members of the line it came from, without suppressed_by.
json to_json(const finding& one);

// The innermost frame with a source line that is nobody else's library, else with any source line, else
// the innermost one; null for an empty stack.
const frame* telling_frame(const stack& frames);

// "ns::f(int)", or "??" where the function is not known.
std::string function_of(const frame& one);

// The telling functions of both accesses, "f and g"; one when they are the same; empty without a stack.
std::string functions_of(const finding& one);

}  // namespace gobench::detector::findings
