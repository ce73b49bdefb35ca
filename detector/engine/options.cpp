#include "detector/engine/options.hpp"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "detector/engine/memory.hpp"
#include "detector/engine/start.hpp"

extern "C" const char* __tsan_default_options() __attribute__((weak));

extern "C" char** environ;

namespace gobench::detector {

constinit options option_values;

namespace {

struct text {
  const char* start;
  std::size_t size;
  bool is(const char* other) const {
    return std::strlen(other) == size && std::memcmp(start, other, size) == 0;
  }
};

[[noreturn]] void refuse(text name, text value, const char* expected) {
  static char sentence[400];
  std::size_t length = 0;
  const auto append = [&](const char* part, std::size_t size) {
    for (std::size_t i = 0; i != size && length + 1 < sizeof sentence; ++i)
      sentence[length++] = part[i];
  };
  const auto say = [&](const char* part) { append(part, std::strlen(part)); };
  say("GOBENCH_RACE sets '");
  append(name.start, name.size);
  say("' to '");
  append(value.start, value.size);
  say("', but ");
  say(expected);
  say("; `gobench race --help` lists the options");
  sentence[length] = 0;
  die(sentence);
}

bool parse(text, text value, bool& out) {
  if (value.is("1") || value.is("true") || value.is("yes") || value.is("on"))
    return out = true, true;
  if (value.is("0") || value.is("false") || value.is("no") || value.is("off"))
    return out = false, true;
  return false;
}

bool parse(text, text value, int& out) {
  if (value.size == 0 || value.size > 9) return false;
  int result = 0;
  for (std::size_t i = 0; i != value.size; ++i) {
    if (value.start[i] < '0' || value.start[i] > '9') return false;
    result = result * 10 + (value.start[i] - '0');
  }
  return out = result, true;
}

bool parse(text, text value, const char*& out) {
  auto* copy = static_cast<char*>(take_block(value.size + 1));
  std::memcpy(copy, value.start, value.size);
  copy[value.size] = 0;
  return out = copy, true;
}

const char* expected(bool) { return "true or false was expected"; }
const char* expected(int) { return "a number was expected"; }
const char* expected(const char*) { return "a text was expected"; }

// False if there is no such option.
bool set(text name, text value) {
#define GOBENCH_RACE_OPTION(option, type, otherwise, help) \
  if (name.is(#option)) {                                  \
    if (!parse(name, value, option_values.option))         \
      refuse(name, value, expected(option_values.option)); \
    return true;                                           \
  }
#include "detector/engine/options.def"
  return false;
}

bool separates(char c) { return c == ':' || c == ',' || c == ' ' || c == '\n' || c == '\t'; }

void read(const char* all, bool ours) {
  if (all == nullptr) return;
  while (*all != 0) {
    if (separates(*all)) {
      ++all;
      continue;
    }
    text name{all, 0};
    while (*all != 0 && *all != '=' && !separates(*all)) ++all, ++name.size;
    text value{all, 0};
    if (*all == '=') {
      ++all;
      if (*all == '"' || *all == '\'') {
        const char quote = *all++;
        value = {all, 0};
        while (*all != 0 && *all != quote) ++all, ++value.size;
        if (*all != 0) ++all;
      } else {
        value = {all, 0};
        while (*all != 0 && !separates(*all)) ++all, ++value.size;
      }
    }
    if (!set(name, value) && ours) refuse(name, value, "there is no such option");
  }
}

const char* in_environment(const char* name) {
  const std::size_t size = std::strlen(name);
  char** entry = initial_environment != nullptr ? initial_environment : environ;
  if (entry == nullptr) return nullptr;
  for (; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, name, size) == 0 && (*entry)[size] == '=') return *entry + size + 1;
  return nullptr;
}

}  // namespace

void read_options() noexcept {
  if (__tsan_default_options != nullptr) read(__tsan_default_options(), false);
  read(in_environment("TSAN_OPTIONS"), false);
  read(in_environment("GOBENCH_RACE"), true);
}

}  // namespace gobench::detector
