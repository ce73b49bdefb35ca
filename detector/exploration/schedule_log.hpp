// The log of one schedule as the tool reads it, and what can be asked of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "detector/exploration/deviation.hpp"
#include "detector/explore/dependence.hpp"
#include "detector/explore/log.hpp"

namespace gobench::detector::exploration {

struct schedule_log {
  explore::log_header header{};
  std::vector<explore::log_record> records;

  // Whether the controller has written one at all.
  bool present() const { return header.version != 0; }
};

// Empty (not present) where there is no file, or what is in it is no log of this version. A record that
// the header does not count yet is left out.
schedule_log read_log(const std::filesystem::path& file);

// A number that differs, but for accidents of 64 bits, where the order of operations does. Addresses and places
// in the program are not part of it: only who did what in which turn.
std::uint64_t order_hash(const schedule_log& log);

// Where in a schedule each record is.
class walk {
 public:
  // What is chosen at the record belongs there; call it for each record in order.
  place next(const explore::log_record& record);

 private:
  std::uint64_t& count_of(std::uint32_t thread);

  std::uint32_t last_ = 0;
  std::uint64_t values_ = 0;
  std::uint64_t of_clock_ = 0;
  std::vector<std::uint64_t> counts_;
};

// What was chosen: the thread that went on, or the value.
std::uint64_t choice_of(const explore::log_record& record);

// What the default rule chooses there. Nothing where the log does not say who else could have gone on: there
// are threads with high numbers.
std::optional<std::uint64_t> default_of(const explore::log_record& record);

// All that deviates from the default rule; following them repeats the schedule.
std::vector<deviation> deviations_of(const schedule_log& log);

// Of these, how many preempt a thread that could have gone on.
std::size_t preemptions_of(const schedule_log& log);
std::size_t open_choices_of(const schedule_log& log);

// For each record the event of the record, and for a thread that is enabled at a step what it does next.
class pending_events {
 public:
  explicit pending_events(const schedule_log& log);

  // What the thread was about to do at the step with this index; an event that depends on everything where
  // the log does not say.
  explore::event at(std::size_t index, std::uint32_t thread) const;

 private:
  const schedule_log& log_;
  std::vector<std::vector<std::uint32_t>> steps_;  // by thread: indices of its records
};

}  // namespace gobench::detector::exploration
