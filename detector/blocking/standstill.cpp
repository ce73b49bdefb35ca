// Nobody can go on: who waits for what. And the end of the main task: who is left.
//
// Certain, since whoever calls is: standstill() when the runtime or an explorer has seen that no task can run, no time is
// waited for, and nobody from outside steps in. A leak is one only if none of the tasks that are left can run or waits
// with a deadline: one of those might have woken it.
#include <cstring>
#include <utility>
#include <vector>

#include "detector/blocking/blocking.hpp"
#include "detector/blocking/cycles.hpp"
#include "detector/blocking/telling.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector::blocking {
namespace {

// A report of more would not be read.
constexpr std::size_t most_told = 24;

bool lives(const task_state& task) noexcept {
  const life stage = task.stage.load(std::memory_order_acquire);
  return stage == life::created || stage == life::running;
}

bool waits_for_ever(const wait_seen& wait) noexcept {
  return wait.turn != 0 && !wait.timed && wait.kind != wait_kind::sleep &&
         wait.kind != wait_kind::descriptor;
}

// One of them with its place, for a start.
void note_leaks(std::size_t count, const task_state& first, const wait_seen& wait) noexcept {
  raw_finding finding;
  finding.type = finding_type::leak;
  add_wait(finding, first, wait, nullptr);
  report_note_of(std::move(finding), count);
}

// Whether the thread may have been served already, and only not have noticed. Of the library's tasks the runtime knows, of
// explored threads the explorer.
bool may_be_on_its_way(const task_state& task, const wait_seen& wait) noexcept {
  if (task.of_library) return false;
  if (explored_wait_of != nullptr) {
    const explored_wait known = explored_wait_of(task);
    if (known != explored_wait::unknown) return known == explored_wait::goes_on;
  }
  return wait.kind == wait_kind::condition || wait.kind == wait_kind::semaphore ||
         wait.kind == wait_kind::barrier || wait.kind == wait_kind::once;
}

bool is_left(const task_state& task) noexcept {
  return &task != current_task && lives(task) && (!task.of_runtime || task.of_library);
}

}  // namespace

int standstill() noexcept {
  const internal_mark inside;
  int told = 0;
  for_each_task([&](task_state& task) {
    if (lives(task) && waits_for_ever(look_at(task.wait)) && tell_cycle(task)) ++told;
  });
  // What waits for those only is explained.
  raw_finding finding;
  finding.type = finding_type::all_asleep;
  bool explained = true;
  for_each_task([&](task_state& task) {
    const wait_seen wait = look_at(task.wait);
    if (!lives(task) || !waits_for_ever(wait)) return;
    if (!is_stuck(task)) explained = false;
    if (finding.accesses.size() == most_told) return;
    const obstacle_list whom = obstacles_of(task, wait);
    add_wait(finding, task, wait, whom.count == 0 ? nullptr : &whom.all[0]);
  });
  if (!explained && tell(std::move(finding))) ++told;
  // Nobody of them is a leak as well.
  for_each_task([](task_state& task) {
    if (lives(task)) task.was_left = true;
  });
  return told;
}

bool knows_leaks(const char* value) noexcept {
  for (const char* one : {"note", "on", "all", "off"})
    if (std::strcmp(value, one) == 0) return true;
  return false;
}

void told::standstill() noexcept { blocking::standstill(); }

void end_of_main(bool others_wait) noexcept {
  const bool all = std::strcmp(option_values.leaks, "all") == 0;
  const bool is_note = std::strcmp(option_values.leaks, "note") == 0;
  if (std::strcmp(option_values.leaks, "off") == 0) return;
  const internal_mark inside;
  bool may_be_woken = !others_wait;
  for_each_task([&](task_state& task) {
    if (!is_left(task) || task.deadlocked.load(std::memory_order_acquire)) return;
    const wait_seen wait = look_at(task.wait);
    if (!waits_for_ever(wait) || may_be_on_its_way(task, wait)) may_be_woken = true;
  });
  if (may_be_woken && !all) return;
  std::size_t left = 0;
  const task_state* first = nullptr;
  wait_seen of_first;
  for_each_task([&](task_state& task) {
    if (!is_left(task) || task.was_left) return;
    const wait_seen wait = look_at(task.wait);
    if (!all && is_stuck(task)) return;  // a deadlock, and told as such
    task.was_left = true;
    if (left++ == 0) {
      first = &task;
      of_first = wait;
    }
    if (is_note) return;
    raw_finding finding;
    finding.type = finding_type::leak;
    add_wait(finding, task, wait, nullptr);
    tell(std::move(finding));
  });
  if (is_note && left != 0) note_leaks(left, *first, of_first);
}

}  // namespace gobench::detector::blocking
