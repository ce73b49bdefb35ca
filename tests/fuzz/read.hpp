// What the targets for readers of results share: a text that is read, and written again where it was valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "results/internal/reader.hpp"
#include "results/sink.hpp"

namespace fuzz {

// Ends in a crash, a leak or a time-out, or returns 0. A text is valid or refused with a sentence; what was valid
// gives samples that every exporter takes, and whose JSON is read as as many samples again.
inline int read(const char* format, const std::uint8_t* data, std::size_t size) {
  namespace results = gobench::results;
  std::vector<results::sample> samples;
  results::file_content found;
  try {
    std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
    found = results::internal::read_as(
        format, in, "x", [&](results::sample&& one) { samples.push_back(std::move(one)); },
        {.parameters = {"hold_ns", "n"}, .most_samples = 10'000});
  } catch (const results::malformed_file& refused) {
    const std::string what = refused.what();
    if (!what.starts_with("x:") || what.size() > 2000) __builtin_trap();
    return 0;
  }
  if (samples.size() != found.samples || samples.empty()) __builtin_trap();
  std::ostringstream out;
  try {
    const auto to = results::make_stream_sink("json", out);
    to->begin(found.about, found.columns);
    for (const results::sample& one : samples) to->add(one);
    to->finish(found.about);
  } catch (const std::invalid_argument&) {
    return 0;  // a parameter with the name of a column
  }
  std::istringstream again(out.str());
  std::size_t count = 0;
  try {
    results::read_samples(again, "x", [&](results::sample&&) { ++count; });
  } catch (const results::malformed_file& refused) {
    // Names that are no UTF-8 may have become the same one.
    if (std::string(refused.what()).find("twice") != std::string::npos) return 0;
    __builtin_trap();
  }
  if (count != samples.size()) __builtin_trap();
  return 0;
}

}  // namespace fuzz
