#include "runtime/internal/report.hpp"

#include <array>
#include <cstdio>
#include <string>

#include "runtime/errors.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// A program with a million tasks does not need a million lines to be understood.
constexpr std::size_t most_tasks_listed = 200;

std::string address(const void* object) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%p", object);
  return text.data();
}

std::string duration(std::int64_t ns) {
  std::array<char, 32> text;
  if (ns < 10'000'000) {
    // The clock that waiting tasks note is only so fine.
    return "less than 10 ms";
  }
  if (ns < 10'000'000'000) {
    std::snprintf(text.data(), text.size(), "%lld ms", static_cast<long long>(ns / 1'000'000));
  } else {
    std::snprintf(text.data(), text.size(), "%lld s", static_cast<long long>(ns / 1'000'000'000));
  }
  return text.data();
}

std::string line_about(const control& task, std::int64_t now) {
  return "  " + name_of(task) + ": " + waiting_line(task, now);
}

}  // namespace

std::string waiting_line(const control& task, std::int64_t now) {
  const wait_reason reason = task.reason.load(std::memory_order_relaxed);
  std::string line = describe_wait(reason, task.object.load(std::memory_order_relaxed));
  if (reason != wait_reason::none)
    line += " for " + duration(now - task.since_ns.load(std::memory_order_relaxed));
  return line;
}

const char* describe(wait_reason reason) noexcept {
  switch (reason) {
    case wait_reason::none:
      return "not waiting";
    case wait_reason::chan_send:
      return "sending to channel";
    case wait_reason::chan_recv:
      return "receiving from channel";
    case wait_reason::nil_chan_send:
      return "sending to a nil channel";
    case wait_reason::nil_chan_recv:
      return "receiving from a nil channel";
    case wait_reason::select:
      return "in a select";
    case wait_reason::select_nothing:
      return "in a select without a case that could ever be taken";
    case wait_reason::mutex:
      return "locking mutex";
    case wait_reason::shared_mutex_read:
      return "locking shared_mutex for reading";
    case wait_reason::shared_mutex_write:
      return "locking shared_mutex for writing";
    case wait_reason::condition_variable:
      return "waiting on condition_variable";
    case wait_reason::wait_group:
      return "waiting for wait_group";
    case wait_reason::once:
      return "waiting for once";
    case wait_reason::semaphore:
      return "acquiring semaphore";
    case wait_reason::barrier:
      return "waiting at barrier";
    case wait_reason::latch:
      return "waiting for latch";
    case wait_reason::event:
      return "waiting for event";
    case wait_reason::sleep:
      return "sleeping";
    case wait_reason::join:
      return "joining a task";
    case wait_reason::io_read:
      return "reading from";
    case wait_reason::io_write:
      return "writing to";
    case wait_reason::io_accept:
      return "accepting a connection at";
    case wait_reason::io_connect:
      return "connecting";
  }
  return "waiting";
}

std::string describe_wait(wait_reason reason, const void* object) {
  std::string text = describe(reason);
  if (waits_for_descriptor(reason))
    return text + " fd " + std::to_string(reinterpret_cast<std::intptr_t>(object));
  // Of a task the block's address says nothing.
  if (object != nullptr && reason != wait_reason::join) text += " " + address(object);
  return text;
}

std::exception_ptr describe_deadlock(std::uint64_t run) {
  const std::vector<control*> tasks = live_tasks(run);
  std::string text = "deadlock: all " + std::to_string(tasks.size()) + " tasks wait for ever";
  if (tasks.size() == 1) text = "deadlock: the only task waits for ever";
  const std::int64_t now = now_ns();
  for (std::size_t i = 0; i < tasks.size() && i < most_tasks_listed; ++i)
    text += "\n" + line_about(*tasks[i], now);
  if (tasks.size() > most_tasks_listed)
    text += "\n  and " + std::to_string(tasks.size() - most_tasks_listed) + " more";
  return std::make_exception_ptr(deadlock(text));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
