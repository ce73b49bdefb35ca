#include "tests/detector/engine/driver.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "detector/engine/race.hpp"
#include "detector/interpose/interpose.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector {
namespace {

std::vector<raw_finding> findings;
std::vector<std::string> notes;

}  // namespace

// In place of the report: keeps what it is told.
void report_start(const report_options&) noexcept {}
bool report(raw_finding&& raw) noexcept {
  findings.push_back(std::move(raw));
  return true;
}
bool report_known(finding_type, address, address) noexcept { return false; }
void report_note(std::string_view sentence) noexcept { notes.emplace_back(sentence); }
void report_note_of(raw_finding&&, std::size_t) noexcept {}
report_totals report_so_far() noexcept { return {}; }
report_totals report_end() noexcept { return {}; }
void report_modules_changed() noexcept {}
bool report_called_from_library(address) noexcept { return false; }
void report_before_fork() noexcept {}
void report_after_fork(bool) noexcept {}

// Nothing is interposed: the test is not what is checked.
void start_interposition() noexcept {}

namespace driver {

std::vector<raw_finding> take_findings() { return std::exchange(findings, {}); }
std::vector<std::string> take_notes() { return std::exchange(notes, {}); }
std::uint64_t conflicts() { return races_seen(); }

actor::actor() : task_(task_created(task_kind::fiber, 0, false)) { take_findings(); }
actor::~actor() {
  // So that it does not stand in the queue of those that nobody knows to have ended, in the way of other tests.
  task_state* const task = task_;
  fiber_finished(task);
  task_joined(task);
}

char* fresh_memory(std::size_t bytes) {
  // Never given back, so no address comes twice.
  auto* memory = static_cast<char*>(aligned_alloc(64, (bytes + 63) / 64 * 64));
  EXPECT_NE(memory, nullptr);
  forget_range(memory, bytes);
  return memory;
}

}  // namespace driver
}  // namespace gobench::detector
