#include "detector/engine/options.hpp"

#include <cstdlib>

#include "detector/engine/option_text.hpp"
#include "detector/engine/start.hpp"

extern "C" const char* __tsan_default_options() __attribute__((weak));

extern "C" char** environ;

namespace gobench::detector {

constinit options option_values;

namespace option_text {

void refuse(const char* variable, text name, text value, const char* expected,
            const char* next) noexcept {
  static char sentence[400];
  std::size_t length = 0;
  const auto append = [&](const char* part, std::size_t size) {
    for (std::size_t i = 0; i != size && length + 1 < sizeof sentence; ++i)
      sentence[length++] = part[i];
  };
  const auto say = [&](const char* part) { append(part, std::strlen(part)); };
  say(variable);
  say(" sets '");
  append(name.start, name.size);
  say("' to '");
  append(value.start, value.size);
  say("', but ");
  say(expected);
  say("; ");
  say(next);
  sentence[length] = 0;
  die(sentence);
}

const char* in_environment(const char* name) noexcept {
  const std::size_t size = std::strlen(name);
  char** entry = initial_environment != nullptr ? initial_environment : environ;
  if (entry == nullptr) return nullptr;
  for (; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, name, size) == 0 && (*entry)[size] == '=') return *entry + size + 1;
  return nullptr;
}

}  // namespace option_text

namespace {

using option_text::text;

[[noreturn]] void refuse(text name, text value, const char* expected) {
  option_text::refuse("GOBENCH_RACE", name, value, expected,
                      "`gobench race --help` lists the options");
}

// False if there is no such option.
bool set(text name, text value) {
#define GOBENCH_RACE_OPTION(option, type, otherwise, help)              \
  if (name.is(#option)) {                                               \
    if (!option_text::parse(value, option_values.option))               \
      refuse(name, value, option_text::expected(option_values.option)); \
    return true;                                                        \
  }
#include "detector/engine/options.def"
  return false;
}

void set_ours(text name, text value) {
  if (!set(name, value)) refuse(name, value, "there is no such option");
}

}  // namespace

void read_options() noexcept {
  const auto set_known = [](text name, text value) { static_cast<void>(set(name, value)); };
  if (__tsan_default_options != nullptr) option_text::read(__tsan_default_options(), set_known);
  option_text::read(option_text::in_environment("TSAN_OPTIONS"), set_known);
  option_text::read(option_text::in_environment("GOBENCH_RACE"), set_ours);
}

}  // namespace gobench::detector
