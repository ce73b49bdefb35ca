// Events of a trace as text: the array form of Chrome's trace-event format.
//
// Source: "Trace Event Format", the Chromium project. Times are in microseconds with three decimals.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/internal/trace_buffer.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace {

// Appends entries, each ended by ",\n". A viewer takes an array whose end is missing.
class json_writer {
 public:
  json_writer(int pid, std::int64_t zero_ns) noexcept : pid_(pid), zero_ns_(zero_ns) {}

  void name_process(std::string& to, std::string_view name) const;
  void name_track(std::string& to, std::int32_t track, std::string_view name) const;
  void add(std::string& to, const event& one) const;
  // How much is missing, at the place where it began to be missing.
  void add_dropped(std::string& to, std::uint64_t events, std::int64_t at_ns) const;

 private:
  void open(std::string& to, std::string_view name, std::string_view category, char phase,
            std::int32_t track, std::int64_t at_ns) const;
  void time(std::string& to, std::int64_t ns) const;

  const int pid_;
  const std::int64_t zero_ns_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace
