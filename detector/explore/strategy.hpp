// Who goes on: the seam between the controller and what decides.
//
// Code of strategies runs in the checked program, with the baton and inside the detector: memory comes from its arena,
// nothing of the program's is called, and exceptions are off limits. Decisions depend on the settings and on what the
// controller has told, never on time, addresses of the detector's own memory, or randomness of the system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "detector/explore/operation.hpp"

namespace gobench::detector::explore {

// Threads are numbered in the order in which they were created; 1 is the main one.
struct candidate {
  std::uint32_t thread;
  operation next;         // what it does when it is chosen
  std::uintptr_t object;  // on what; 0: nobody knows, so on anything
  std::uintptr_t pc;
};

struct situation {
  std::uint64_t step;     // counts calls of pick() and choose(), from 0
  std::uint32_t current;  // who has run until now
  bool current_enabled;   // it is among the candidates
  bool
      stepping_back;  // it could, but others go first: it yields, or has spun for long. Then it is a candidate only
                      // where there is no other thread.
  std::span<const candidate> enabled;  // by number, the clock last; never empty
};

// Index, among the candidates, of who goes on where nobody decides: the current one if it can,
// else the next higher number that is enabled, beginning again with the lowest; the clock last, but
// before a thread that steps back and is the only one. Tokens and shrinking count what deviates from it.
std::size_t default_choice(const situation& now) noexcept;

class strategy {
 public:
  strategy() = default;
  strategy(const strategy&) = delete;
  strategy& operator=(const strategy&) = delete;
  virtual ~strategy() = default;

  // An index into now.enabled. Asked at every step, also where there is one candidate.
  virtual std::size_t pick(const situation& now) = 0;
  // A choice that is not who runs: below `count`, which is at least 2. By default, 0.
  virtual std::size_t choose(std::uint64_t step, std::size_t count, operation why) = 0;
  // Before the thread can be a candidate. 1 is told first, with parent 0.
  virtual void thread_created(std::uint32_t /*thread*/, std::uint32_t /*parent*/) {}
};

// What GOBENCH_EXPLORE says of it. The texts live as long as the process.
struct settings {
  std::string_view strategy = "random";  // its name and what stands behind a colon: "pct:3"
  std::uint64_t seed = 0;
  std::uint64_t schedule = 0;
  std::uint64_t length = 0;  // steps to be expected, known from earlier schedules; 0: unknown
  const char* follow = "";   // file of deviations, for `follow`
};

// Null where there is no such strategy, or its argument is none.
std::unique_ptr<strategy> make_strategy(const settings& wanted);

}  // namespace gobench::detector::explore
