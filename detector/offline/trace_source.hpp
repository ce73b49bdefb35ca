// A trace as a stream of events, whatever its format.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "detector/offline/event.hpp"
#include "detector/offline/recording/modules.hpp"
#include "detector/offline/trace_error.hpp"

namespace gobench::detector::offline {

struct trace_counts {
  std::uint64_t events = 0;
  std::uint64_t threads = 0;
  std::uint64_t locks = 0;  // objects that happens-before goes through
};

class trace_source {
 public:
  virtual ~trace_source() = default;

  // The next events, at least one; empty at the end. They are valid until the next call. Throws trace_error.
  virtual std::span<const event> next() = 0;

  // A location (`event::extra` of an access in the current batch) in a form that can be kept and compared.
  virtual std::uint32_t keep_location(std::uint64_t location) = 0;
  virtual std::string location_text(std::uint32_t kept) const = 0;

  virtual std::string task_name(std::uint32_t task) const = 0;
  // A variable by its number where `size` is 0, otherwise memory by its address.
  virtual std::string variable_name(std::uint64_t target, std::uint64_t size) const = 0;

  // What positions count.
  virtual const char* position_unit() const = 0;
  // So far.
  virtual trace_counts counts() const = 0;
  // What the reader of the result has to know; empty when there is nothing: "... is cut off ...".
  virtual std::string remark() const { return {}; }
};

// Opens a trace of either format, packed with gzip or not; "-" is standard input. `ask` names the places of a
// recording where it can. Throws trace_error.
std::unique_ptr<trace_source> open_trace(const std::string& path, symboliser ask = {});

}  // namespace gobench::detector::offline
