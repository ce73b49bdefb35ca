#include "detector/findings/text.hpp"

#include <fmt/format.h>

#include "detector/findings/exporter.hpp"

namespace gobench::detector::findings {

namespace {

void add_stack(std::string& text, const stack& frames, const places& where, const char* indent) {
  std::size_t level = 0;
  for (const frame& one : frames) {
    text += fmt::format("{}#{} {} {}{}\n", indent, level++, function_of(one), where.shown(one),
                        one.inlined ? " (inlined)" : "");
  }
  if (frames.empty()) text += fmt::format("{}(no stack)\n", indent);
}

std::string lock_name(const held_lock& lock) {
  std::string name = lock.name.empty() ? "a lock" : lock.name;
  if (!lock.variable.empty()) name += fmt::format(" ({})", lock.variable);
  return lock.address.empty() ? name : name + " at " + lock.address;
}

std::string task_name(const task_info& task) {
  std::string name = task.kind.empty() ? "task" : task.kind;
  if (!task.name.empty()) return name + " " + task.name;
  return fmt::format("{} {}", name, task.id);
}

}  // namespace

std::string headline(const access& one) {
  std::string text = one.op.empty() ? "access" : one.op;
  if (one.size > 0) text += fmt::format(" of {} byte{}", one.size, one.size == 1 ? "" : "s");
  return text + " by " + task_name(one.task);
}

std::string to_text(const entry& one, const places& where) {
  const finding& what = one.what;
  std::string text = what.message + "\n";
  text += fmt::format("{}; fingerprint {}\n", standing_text(one), what.fingerprint);
  bool first = true;
  for (const access& each : what.accesses) {
    text += fmt::format("\n{}{}{}:\n", first ? "" : "earlier ", headline(each),
                        each.address.empty() ? "" : " at " + each.address);
    first = false;
    add_stack(text, each.where, where, "  ");
    for (const held_lock& lock : each.locks) {
      text += fmt::format("  holding {}{}\n", lock_name(lock),
                          lock.mode.empty() ? "" : ", " + lock.mode);
      if (!lock.taken.empty()) add_stack(text, lock.taken, where, "    ");
    }
    if (!each.task.born.empty()) {
      text += fmt::format("  {} was started here:\n", task_name(each.task));
      add_stack(text, each.task.born, where, "    ");
    }
  }
  if (what.object) {
    text +=
        fmt::format("\nobject: {}\n", what.object->description.empty() ? what.object->kind
                                                                       : what.object->description);
    if (!what.object->made.empty()) {
      text += "  made here:\n";
      add_stack(text, what.object->made, where, "    ");
    }
  }
  if (what.lock) {
    text += fmt::format("\nlock: {}\n", lock_name(*what.lock));
    if (!what.lock->taken.empty()) {
      text += "  taken here:\n";
      add_stack(text, what.lock->taken, where, "    ");
    }
  }
  if (!what.advice.empty()) text += fmt::format("\n{}\n", what.advice);
  if (!what.reproduce.empty()) text += fmt::format("\nreproduce: {}\n", what.reproduce);
  return text;
}

}  // namespace gobench::detector::findings
