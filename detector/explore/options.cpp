#include "detector/explore/options.hpp"

#include <cstring>

#include "detector/engine/memory.hpp"
#include "detector/engine/option_text.hpp"

namespace gobench::detector::explore {

constinit options option_values;

namespace {

using option_text::text;

[[noreturn]] void refuse(text name, text value, const char* expected) {
  option_text::refuse("GOBENCH_EXPLORE", name, value, expected,
                      "`gobench explore` sets it for the programs that it runs");
}

void set(text name, text value) {
#define GOBENCH_EXPLORE_OPTION(option, type, otherwise, help)           \
  if (name.is(#option)) {                                               \
    if (!option_text::parse(value, option_values.option))               \
      refuse(name, value, option_text::expected(option_values.option)); \
    return;                                                             \
  }
#include "detector/explore/options.def"
  refuse(name, value, "there is no such option");
}

bool is(const char* one, const char* other) noexcept { return std::strcmp(one, other) == 0; }

}  // namespace

void read_options(const char* text) noexcept {
  option_text::read(text, set);
  static_cast<void>(wanted_accesses());
  if (option_values.steps == 0 || option_values.spin == 0 || option_values.sample == 0)
    die("GOBENCH_EXPLORE sets steps, spin or sample to 0, but they count from 1; leave it out");
}

access_steps wanted_accesses() noexcept {
  const char* wanted = option_values.accesses;
  if (is(wanted, "none")) return access_steps::none;
  if (is(wanted, "conflicting")) return access_steps::conflicting;
  if (is(wanted, "sampled")) return access_steps::sampled;
  if (is(wanted, "all")) return access_steps::all;
  die("GOBENCH_EXPLORE sets accesses to something else than none, conflicting, sampled or all; "
      "give one of these");
}

}  // namespace gobench::detector::explore
