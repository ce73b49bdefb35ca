#include "suites/counter_columns.hpp"

#include <array>

namespace gobench::suites {

namespace {

struct column {
  std::string_view name;
  std::uint64_t runtime_counters::*counter;
  bool on_threads;  // means something where the kernel schedules
};

constexpr std::array columns = {
    column{"switches", &runtime_counters::switches, false},
    column{"parks", &runtime_counters::parks, true},
    column{"wakes", &runtime_counters::wakes, true},
    column{"spins", &runtime_counters::spins, false},
    column{"steals", &runtime_counters::steals, false},
    column{"stolen", &runtime_counters::stolen, false},
    column{"sleeps", &runtime_counters::sleeps, false},
    column{"wake_ups", &runtime_counters::wake_ups, false},
    column{"hand_offs", &runtime_counters::hand_offs, false},
};

}  // namespace

void add_counter_columns(results::schema& to) {
  for (const column& one : columns) to.add_metrics({one.name});
}

void add_counters(results::fields& to, const runtime_counters& counted, results::vehicle on) {
  if (on == results::vehicle::process) return;  // the tasks are not of this process
  for (const column& one : columns) {
    if (on == results::vehicle::thread && !one.on_threads) continue;
    to.set(one.name, results::value(static_cast<std::int64_t>(counted.*one.counter)));
  }
}

}  // namespace gobench::suites
