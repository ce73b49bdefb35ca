// The two processes of a sample and what they say to each other.
#pragma once

#include <cstdint>

#include "suites/ipc/way.hpp"
#include "suites/registry.hpp"

namespace gobench::suites::ipc {

// A message there and back, again and again; with percentiles of the single round trips.
measurement round_trips(const point& where, std::uint64_t iterations, maker make);

// Messages one way as fast as they go. The time ends when the receiver, having got all, has answered.
measurement stream(const point& where, std::uint64_t iterations, maker make);

// The metric of a stream, from its operations and seconds.
void add_rate(measurement& taken, std::size_t bytes);

// The variants of a way between processes.
template <class Way>
std::vector<variant> between_processes(const std::string& impl, std::size_t most_bytes,
                                       takes_part in = takes_part::in_both) {
  const maker make = [](std::size_t bytes) -> std::unique_ptr<way> {
    return std::make_unique<Way>(bytes);
  };
  std::vector<variant> made = variants_of(
      impl, [make](const point& where, std::uint64_t n) { return round_trips(where, n, make); },
      [make](const point& where, std::uint64_t n) { return stream(where, n, make); }, most_bytes,
      in);
  for (variant& one : made) one.vehicles = {results::vehicle::process};
  return made;
}

inline constexpr std::size_t any_size = std::size_t{1} << 20U;

}  // namespace gobench::suites::ipc
