#include "detector/blocking/cycles.hpp"

#include <dirent.h>

#include <utility>

#include "detector/blocking/blocking.hpp"
#include "detector/blocking/telling.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/spin_lock.hpp"
#include "detector/engine/start.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector::blocking {
namespace {

// Of two tasks that close a cycle at the same moment one tells it.
constinit spin_lock telling;
constinit std::atomic<bool> some_deadlock{false};

// A second write lock by the writer itself: the C library's answer is an error, no wait.
bool is_refused(const wait_path& path) noexcept {
  const wait_path::step& step = path.all[0];
  return path.count == 1 && step.next.is_own_write && step.wait.kind != wait_kind::mutex &&
         !is_of_library(step.wait.object);
}

// The engine has told a double lock before the wait.
bool is_double_lock(const wait_path& path) noexcept {
  return path.count == 1 && path.all[0].next.is_own_write &&
         path.all[0].wait.kind != wait_kind::read_lock;
}

bool mark(const wait_path& path) noexcept {
  const locked guard(telling);
  for (unsigned i = 0; i != path.count; ++i)
    if (path.all[i].who->deadlocked.load(std::memory_order_relaxed)) return false;
  // Release pairs with the acquire in is_stuck().
  for (unsigned i = 0; i != path.count; ++i)
    path.all[i].who->deadlocked.store(true, std::memory_order_release);
  some_deadlock.store(true, std::memory_order_release);
  return true;
}

int threads_of_process() noexcept {
  DIR* folder = ::opendir("/proc/self/task");
  if (folder == nullptr) return -1;
  int count = 0;
  while (const dirent* entry = ::readdir(folder))
    if (entry->d_name[0] != '.') ++count;
  ::closedir(folder);
  return count;
}

}  // namespace

bool tell_cycle(task_state& task) noexcept {
  wait_path path;
  if (!find_cycle(task, path) || !holds_together(path) || is_refused(path) || !mark(path))
    return false;
  if (is_double_lock(path)) return false;
  raw_finding finding;
  finding.type = finding_type::deadlock;
  for (unsigned i = 0; i != path.count; ++i)
    add_wait(finding, *path.all[i].who, path.all[i].wait, &path.all[i].next);
  return tell(std::move(finding));
}

void look_for_cycle(task_state& task) noexcept {
  tell_cycle(task);
  // Acquire pairs with mark().
  if (some_deadlock.load(std::memory_order_acquire)) end_if_all_are_stuck();
}

void end_if_all_are_stuck() noexcept {
  int threads = 0;
  bool all = true;
  for_each_task([&](const task_state& task) {
    const life stage = task.stage.load(std::memory_order_acquire);
    if (stage != life::created && stage != life::running) return;
    if (task.kind != task_kind::fiber && stage == life::running) ++threads;
    if (!task.of_runtime || task.of_library) all = all && is_stuck(task);
  });
  // Threads that the detector does not know may do anything.
  if (!all || threads_of_process() > threads) return;
  report_note("every task waits for ever in a deadlock, so the program is ended");
  const int status = option_values.exitcode != 0 ? option_values.exitcode : options{}.exitcode;
  end_process(status);
}

void task_ended() noexcept {
  // Acquire pairs with mark().
  if (!some_deadlock.load(std::memory_order_acquire)) return;
  const internal_mark inside;
  end_if_all_are_stuck();
}

}  // namespace gobench::detector::blocking
