// A finding as it is told: everything that a person or a program reads, in names instead of addresses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "detector/report/frame.hpp"
#include "detector/report/raw_finding.hpp"
#include "detector/report/symbolizer.hpp"

namespace gobench::detector::reporting {

struct task_told {
  std::uint32_t id = 0;
  task_kind kind = task_kind::thread;
  std::string name;
  std::uint32_t parent = 0;  // 0: unknown
  bool running = true;
  stack born;
};

struct lock_told {
  std::uint32_t id = 0;
  address where = 0;
  bool shared = false;
  stack taken;
  std::string variable;  // if it is a global one; may be empty

  // "M1 (shop::mutex)"
  std::string name() const {
    return "M" + std::to_string(id) + (variable.empty() ? "" : " (" + variable + ")");
  }
};

struct access_told {
  operation what = operation::read;
  address where = 0;
  std::size_t size = 0;
  std::size_t task = 0;  // index into finding::tasks
  stack frames;
  std::vector<lock_told> locks;

  // Of a wait; see raw_access.
  std::int64_t waited_ns = -1;
  std::size_t other = nobody;  // index into finding::tasks
  bool other_has_ended = false;
  operation last_use = operation::read;
  std::size_t last_user = nobody;
  stack last_used;
  std::string
      object;  // what is waited for: "M1 (shop::mutex)", "the channel at 0x1234"; empty: not told

  static constexpr std::size_t nobody = raw_access::nobody;
};

struct object_told {
  location_kind kind = location_kind::unknown;
  std::string name;  // of a variable; may be empty
  std::string
      description;  // a phrase: "heap block of 40 bytes at 0x7b0400000010, allocated by the main thread"
  std::size_t size = 0;    // 0: unknown
  std::size_t offset = 0;  // of the first access
  std::uint32_t task = 0;  // id; 0: none
  stack allocated;
};

struct finding {
  finding_type type = finding_type::data_race;
  std::vector<task_told> tasks;
  std::vector<access_told> accesses;  // the one that saw it first
  object_told object;
  lock_told lock;        // of misuse; id 0 and address 0: none
  std::string headline;  // one line, with the places
  std::string message;   // one sentence
  std::string advice;    // what would order the two, or what to do instead
  std::uint64_t fingerprint = 0;
  std::string suppressed_by;  // "race:pattern"; empty: not suppressed

  finding_family family() const noexcept { return family_of(type); }
  // Of a lock, which `lock` is.
  bool is_misuse() const noexcept { return family() == finding_family::lock_misuse; }
  bool is_of_waits() const noexcept { return family() == finding_family::waits; }
  const task_told* task_of(const access_told& access) const {
    return access.task < tasks.size() ? &tasks[access.task] : nullptr;
  }
};

// Looks up all names, and says what there is to say but for `suppressed_by`.
finding told(const raw_finding& raw, symbolizer& names);

// Stays the same over runs and over edits elsewhere; see fingerprint.cpp.
std::uint64_t fingerprint_of(const finding& what);
std::string fingerprint_text(std::uint64_t fingerprint);  // 16 digits

// A sentence or two, for the accesses, locks and tasks of this finding.
std::string advice_for(const finding& what);

}  // namespace gobench::detector::reporting
