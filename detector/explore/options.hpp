// The options of an exploration, by name, from options.def: the table that says what each is.
#pragma once

#include <cstdint>

namespace gobench::detector::explore {

using number = std::uint64_t;

struct options {
#define GOBENCH_EXPLORE_OPTION(name, type, otherwise, help) type name = otherwise;
#include "detector/explore/options.def"
};

extern options option_values;

enum class access_steps : std::uint8_t { none, conflicting, sampled, all };

// From GOBENCH_EXPLORE. What cannot be understood ends the process with a sentence.
void read_options(const char* text) noexcept;
access_steps wanted_accesses() noexcept;

}  // namespace gobench::detector::explore
