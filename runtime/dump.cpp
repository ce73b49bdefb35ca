#include "runtime/dump.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/instrument.hpp"
#include "runtime/internal/claim.hpp"
#include "runtime/internal/report.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/symbols.hpp"
#include "runtime/internal/thread_backend.hpp"
#include "runtime/internal/unwind.hpp"
#include "runtime/run.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace runtime {
namespace {

constexpr std::size_t most_stacks = 200;
constexpr std::size_t most_tasks_told = 10'000;

struct entry {
  std::string line;
  std::vector<std::uintptr_t> stack;
};

// References to tasks, given back whatever happens.
class held_tasks {
 public:
  explicit held_tasks(std::uint64_t run) : tasks_(hold_live_tasks(run)) {}
  ~held_tasks() {
    for (control* task : tasks_) drop_reference(*task);
  }
  held_tasks(const held_tasks&) = delete;
  held_tasks& operator=(const held_tasks&) = delete;
  const std::vector<control*>& all() const noexcept { return tasks_; }

 private:
  std::vector<control*> tasks_;
};

entry look_at_fiber(control& task, const std::map<const control*, int>& running, bool with_stack) {
  entry found{.line = name_of(task) + ": ", .stack = {}};
  if (const claim held{task}) {
    found.line += waiting_line(task, now_ns());
    // A suspended coroutine has none; one that was parked by a call has that of the call.
    const bool has_stack = !needs_stack(task.state.load(std::memory_order_relaxed));
    if (with_stack && has_stack) found.stack = unwind_suspended(task.context);
    return found;
  }
  const auto place = running.find(&task);
  if (task.in_blocking.load(std::memory_order_relaxed) != 0) {
    found.line += "in a blocking call";
  } else if (place != running.end()) {
    found.line += "running on P " + std::to_string(place->second);
  } else if (task.state.load(std::memory_order_relaxed) == task_state::fresh) {
    found.line += "not started yet";
  } else {
    found.line += "runnable";
  }
  return found;
}

entry look_at_thread(const control& task) {
  entry found{.line = name_of(task) + ": ", .stack = {}};
  if (task.permit.load(std::memory_order_acquire) >= permit_parked) {
    found.line += waiting_line(task, now_ns());
  } else if (task.in_blocking.load(std::memory_order_relaxed) != 0) {
    found.line += "in a blocking call";
  } else {
    found.line += "running";
  }
  return found;
}

bool lies_in(const frame_name& frame, std::string_view file) {
  return frame.place.find(file) != std::string::npos;
}

bool is_of_runtime(const frame_name& frame, std::string_view function) {
  const std::size_t at = frame.function.find(function);
  return at != std::string::npos && frame.function.rfind("::runtime::", at) != std::string::npos;
}

// How the runtime leaves a fiber, and how it enters one: the same in every stack.
bool leaves_fiber(const frame_name& frame) {
  return lies_in(frame, "runtime/internal/switching.cpp:") || lies_in(frame, "runtime/park.cpp:") ||
         lies_in(frame, "runtime/internal/context.hpp:") || is_of_runtime(frame, "switch_to(") ||
         is_of_runtime(frame, "park_fiber(") || is_of_runtime(frame, "park(");
}
bool enters_fiber(const frame_name& frame) {
  return lies_in(frame, "runtime/internal/switching.cpp:") ||
         lies_in(frame, "runtime/closure.hpp:") || lies_in(frame, "runtime/run.hpp:") ||
         is_of_runtime(frame, "closure::run(") || is_of_runtime(frame, "run_body(") ||
         is_of_runtime(frame, "fiber_entry(");
}

// Plumbing such as std::invoke: it waits for nothing by itself.
bool is_of_library(const frame_name& frame) { return frame.place.starts_with("/usr/include/c++/"); }

// Without arguments, which are long where they are templates, and without the inline namespace.
std::string short_name(const std::string& name) {
  std::string text;
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    for (const std::string_view sign :
         {"operator()", "operator<<", "operator<", "operator->", "operator>"}) {
      if (depth != 0 || name.compare(i, sign.size(), sign) != 0) continue;
      text += sign;
      i += sign.size();
      break;
    }
    if (i >= name.size()) break;
    const char c = name[i];
    const bool lambda =
        name.compare(i, 7, "<lambda") == 0 || name.compare(i, 11, "(anonymous ") == 0;
    if ((c == '<' || c == '(') && (depth > 0 || !lambda)) {
      if (depth++ == 0) text += c == '<' ? "<>" : "()";
    } else if ((c == '>' || c == ')') && depth > 0) {
      --depth;
    } else if (depth == 0) {
      text += c;
    }
  }
  for (const std::string_view inlined : {"::plain::", "::check::", "::tsan::"}) {
    for (std::size_t at = 0; (at = text.find(inlined)) != std::string::npos;)
      text.replace(at, inlined.size(), "::");
  }
  return text;
}

std::vector<frame_name> readable(const std::vector<std::uintptr_t>& stack,
                                 const std::map<std::uintptr_t, std::vector<frame_name>>& names) {
  std::vector<frame_name> frames;
  for (const std::uintptr_t address : stack) {
    const std::vector<frame_name>& here = names.at(address);
    frames.insert(frames.end(), here.begin(), here.end());
  }
  frames.erase(frames.begin(), std::ranges::find_if_not(frames, leaves_fiber));
  frames.erase(std::ranges::find_if(frames, enters_fiber), frames.end());
  std::erase_if(frames, is_of_library);
  return frames;
}

std::string text_of(const std::vector<entry>& entries, std::size_t tasks) {
  std::vector<std::uintptr_t> addresses;
  for (const entry& one : entries)
    addresses.insert(addresses.end(), one.stack.begin(), one.stack.end());
  bool lines_known = true;
  const auto names = symbolise(addresses, lines_known);
  std::string text = "gobench: " + std::to_string(tasks) + (tasks == 1 ? " task" : " tasks") + "\n";
  for (const entry& one : entries) {
    text += "\n" + one.line + "\n";
    for (const frame_name& frame : readable(one.stack, names)) {
      text += "    " + short_name(frame.function);
      if (!frame.place.empty())
        text += "  " + std::filesystem::path(frame.place).lexically_normal().string();
      text += "\n";
    }
  }
  if (entries.size() < tasks) text += "\nand " + std::to_string(tasks - entries.size()) + " more\n";
  if (thread_backend::instance().active())
    text += "\nTasks are OS threads here, whose stacks a debugger shows.\n";
  if (!lines_known)
    text += "\nThe lines are missing: install binutils, or ask addr2line -Cfie MODULE OFFSET.\n";
  return text;
}

}  // namespace

std::map<const control*, int> scheduler::running_tasks() const {
  std::map<const control*, int> found;
  const std::scoped_lock held(lock_);
  // After the end the workers go away one by one, without the lock.
  if (ended_.load(std::memory_order_relaxed)) return found;
  for (const worker* w : workers_)
    if (const control* task = w->running()) found[task] = w->place.load(std::memory_order_relaxed);
  return found;
}

}  // namespace runtime

std::string dump_tasks() {
  GOBENCH_INTERNAL_SCOPE();
  using namespace runtime;
  const bool fibers = scheduler::instance().active();
  if (!fibers && !thread_backend::instance().active()) return "gobench: no run is on\n";
  std::vector<entry> entries;
  std::size_t tasks = 0;
  {
    const held_tasks held(latest_run());
    tasks = held.all().size();
    const auto running = scheduler::instance().running_tasks();
    for (control* task : held.all()) {
      if (entries.size() == most_tasks_told) break;
      entries.push_back(task->is_scheduled()
                            ? look_at_fiber(*task, running, entries.size() < most_stacks)
                            : look_at_thread(*task));
    }
  }
  return text_of(entries, tasks);
}

void print_tasks() {
  GOBENCH_INTERNAL_SCOPE();
  const std::string text = dump_tasks();
  // Not by stdio, whose lock may be held by what hangs.
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(STDERR_FILENO, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    done += static_cast<std::size_t>(wrote);
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
