// Accesses to memory as steps: all, one in so many, or those at places in the program that took part in a conflict in an
// earlier schedule.
//
// The file of places has a number a line, hexadecimal: how far the instruction after the access (what a stack shows) lies
// behind the beginning of the program in memory. Whether an access is a step must not depend on addresses, which a
// table by address would make it: the places are looked up in a sorted list.
#include "detector/explore/accesses.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "detector/engine/memory.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/explore/controller.hpp"
#include "detector/explore/options.hpp"

// Made by the linker: where the object that this is linked into begins.
extern "C" [[gnu::visibility("hidden")]] const char __ehdr_start[];

namespace gobench::detector::explore {
namespace {

std::vector<address>* places = nullptr;
std::uint64_t seen = 0;

bool read_places(const char* path) {
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  places = new std::vector<address>;
  const auto base = reinterpret_cast<address>(__ehdr_start);
  char piece[4096];
  address number = 0;
  bool inside = false;
  bool good = true;
  long got = 0;
  while (good && (got = syscall(SYS_read, fd, piece, sizeof piece)) > 0) {
    for (long i = 0; i != got; ++i) {
      const char c = piece[i];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit >= 0) {
        number = number * 16 + static_cast<unsigned>(digit);
        inside = true;
      } else if (c == '\n') {
        if (inside) places->push_back(base + number);
        number = 0;
        inside = false;
      } else {
        good = false;
      }
    }
  }
  if (inside) places->push_back(base + number);
  syscall(SYS_close, fd);
  std::sort(places->begin(), places->end());
  return good && got == 0;
}

void any_access(operation what, const void* object, address pc) noexcept { step(what, object, pc); }

void sampled_access(operation what, const void* object, address pc) noexcept {
  // By whoever has the baton.
  if (controls() && ++seen % option_values.sample == 0) step(what, object, pc);
}

void access_that_conflicted(operation what, const void* object, address pc) noexcept {
  if (std::binary_search(places->begin(), places->end(), pc)) step(what, object, pc);
}

}  // namespace

void start_accesses() noexcept {
  switch (wanted_accesses()) {
    case access_steps::none:
      return;
    case access_steps::all:
      schedule::access_step = &any_access;
      break;
    case access_steps::sampled:
      schedule::access_step = &sampled_access;
      break;
    case access_steps::conflicting:
      if (option_values.hot[0] == 0) return;
      if (!read_places(option_values.hot)) {
        static char sentence[400];
        std::snprintf(
            sentence, sizeof sentence,
            "GOBENCH_EXPLORE names '%.200s' as the file of places that conflicted, but it "
            "is none; run the program with `gobench explore`, which writes it",
            option_values.hot);
        die(sentence);
      }
      if (places->empty()) return;
      schedule::access_step = &access_that_conflicted;
      break;
  }
  schedule::accesses_explored = true;
}

}  // namespace gobench::detector::explore
