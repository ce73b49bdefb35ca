// The options of the detector, by name, from options.def: the table that says what each is.
#pragma once

namespace gobench::detector {

struct options {
#define GOBENCH_RACE_OPTION(name, type, otherwise, help) type name = otherwise;
#include "detector/engine/options.def"
};

extern options option_values;

// From __tsan_default_options() and the environment: TSAN_OPTIONS for the names that mean the same there,
// then GOBENCH_RACE. What cannot be understood ends the process with a sentence.
void read_options() noexcept;

}  // namespace gobench::detector
