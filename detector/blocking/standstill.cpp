// Nobody can go on: who waits for what.
#include <cstdio>

#include "detector/blocking/blocking.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector::blocking {

int standstill() noexcept {
  for_each_task([](const task_state& task) {
    const wait_seen wait = look_at(task.wait);
    if (wait.turn == 0) return;
    char sentence[160];
    std::snprintf(sentence, sizeof sentence, "T%u waits (%d) for %p", task.number,
                  static_cast<int>(wait.kind), reinterpret_cast<void*>(wait.object));
    report_note(sentence);
  });
  return 0;
}

void end_of_main() noexcept {}

}  // namespace gobench::detector::blocking
