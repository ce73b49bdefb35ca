// A schedule in a few characters, for people to copy: "x1-0f3a9b21-AQMBEQ-5c1e".
//
// The parts: version; the program's build (8 hexadecimal digits); what to do, as numbers in base64url (RFC 4648); a checksum of
// all before it. What to do is a strategy with its seed and number of schedule, or deviations from the default
// rule; and the settings that change which decisions there are.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "detector/exploration/deviation.hpp"

namespace gobench::detector::exploration {

// What decides a schedule, and nothing else does.
struct plan {
  std::string strategy = "follow";  // as in GOBENCH_EXPLORE: "pct:3"
  std::uint64_t seed = 1;
  std::uint64_t schedule = 0;
  std::uint64_t length = 0;
  std::vector<deviation> deviations;  // of `follow`
  std::uint64_t steps = 0;            // most of them; 0: as usual
  bool spurious = false;
  std::string accesses;  // empty: as usual
  // Accesses that are steps: how far behind the beginning of the program in memory the instruction after each lies; sorted.
  std::vector<std::uint64_t> hot;

  bool operator==(const plan&) const = default;
};

// What is typed as a token and is none. what() is a sentence with the next step.
struct bad_token : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// `build`: 8 hexadecimal digits.
std::string to_token(const plan& one, std::string_view build);

struct token_parts {
  std::string build;
  plan what;
};
// Throws bad_token.
token_parts read_token(std::string_view token);

}  // namespace gobench::detector::exploration
