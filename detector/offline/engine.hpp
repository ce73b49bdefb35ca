// The engines there are. An engine is one file below detector/offline/engines that registers itself:
//
//   const engine_registration registered{{.name = "hb", .about = "...", .make = ...}};
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "detector/offline/trace_source.hpp"
#include "detector/offline/verdict.hpp"

namespace gobench::detector::offline {

class engine {
 public:
  virtual ~engine() = default;
  // Events in the order of the trace, as trace_source::next() gives them.
  virtual void consume(std::span<const event> events) = 0;
  // After the last.
  virtual verdict finish() = 0;
};

struct engine_entry {
  std::string name;
  std::string about;  // one line
  // The source outlives the engine; it is asked for names and locations of the batch in hand.
  std::function<std::unique_ptr<engine>(trace_source& trace)> make;
};

struct engine_registration {
  explicit engine_registration(engine_entry made);
};

// Sorted by name.
const std::vector<engine_entry>& all_engines();
// Null when there is none.
const engine_entry* find_engine(const std::string& name);

}  // namespace gobench::detector::offline
