// What the scheduler has done, in numbers.
//
//   const auto before = gobench::counters();
//   work();
//   std::cout << (gobench::counters() - before).steals << " steals\n";
#pragma once

#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Of the current run since it began. On OS threads as tasks the kernel schedules: only spawned, finished,
// parks, wakes and timers count there.
struct runtime_counters {
  std::uint64_t spawned = 0;   // tasks handed to the runtime by go(); not the main task
  std::uint64_t finished = 0;  // tasks that have come to their end, the main task among them
  std::uint64_t switches = 0;  // times a processor took up a task
  std::uint64_t parks = 0;     // times a task began to wait
  std::uint64_t wakes = 0;     // times a waiting task was made runnable, also by its deadline
  std::uint64_t spins = 0;     // searches for work at other processors that found nothing
  std::uint64_t steals = 0;    // those that found something ...
  std::uint64_t stolen = 0;    // ... and how many tasks they took
  std::uint64_t sleeps = 0;    // times a worker found nothing to do and went to sleep
  std::uint64_t wake_ups = 0;  // times a sleeping worker was woken, or a new one started, for work
  std::uint64_t hand_offs =
      0;  // processors taken from a task in a blocking call and given to another worker
  std::uint64_t timers = 0;  // deadlines of waiting tasks that came

  friend runtime_counters operator-(const runtime_counters& later,
                                    const runtime_counters& earlier) noexcept;
  friend bool operator==(const runtime_counters&, const runtime_counters&) noexcept = default;
};

// The counters of the run that is on, or of the last one when none is. From any thread, at any time. Each
// only grows during a run, but for `switches`, which may be ahead by one for each processor while it looks for
// a task; they are read one after the other, so while tasks run, the sum of some need
// not match another. Costs a look at each processor.
runtime_counters counters() noexcept;

namespace runtime {
// The same since the process began, whatever run is on.
runtime_counters counters_of_process() noexcept;
}  // namespace runtime

}  // namespace gobench::inline GOBENCH_FLAVOUR
