#include "tests/detector/exploration/model.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "detector/explore/dependence.hpp"

namespace model {

namespace explore = gobench::detector::explore;
namespace exploration = gobench::detector::exploration;

schedule_log run(const program& what, explore::strategy& decides) {
  schedule_log made;
  made.header.version = explore::log_version;
  made.header.threads = static_cast<std::uint32_t>(what.threads.size());
  made.header.end = explore::end_reason::finished;
  std::vector<std::size_t> at(what.threads.size(), 0);
  std::map<std::uint64_t, std::uint32_t> holders;
  for (std::uint32_t t = 1; t <= what.threads.size(); ++t)
    decides.thread_created(t, t == 1 ? 0 : 1);
  std::uint32_t current = 1;
  bool yielded = false;
  std::uint64_t number = 0;
  for (;;) {
    std::vector<explore::candidate> enabled;
    bool left = false;
    for (std::uint32_t t = 1; t <= what.threads.size(); ++t) {
      if (at[t - 1] == what.threads[t - 1].size()) continue;
      left = true;
      const step& next = what.threads[t - 1][at[t - 1]];
      if (next.what == operation::lock && holders.contains(next.object)) continue;
      enabled.push_back({t, next.what, next.object, t * 1000 + at[t - 1]});
    }
    if (enabled.empty()) {
      if (left) made.header.end = explore::end_reason::deadlock;
      return made;
    }
    const auto mine = std::ranges::find(enabled, current, &explore::candidate::thread);
    const bool back = yielded && mine != enabled.end();
    if (back && enabled.size() > 1) enabled.erase(mine);
    explore::log_record record{};
    bool current_enabled = false;
    for (const explore::candidate& one : enabled) {
      record.enabled |= std::uint64_t{1} << one.thread;
      current_enabled = current_enabled || one.thread == current;
    }
    const std::size_t chosen = decides.pick({number, current, current_enabled, back, enabled});
    if (chosen >= enabled.size()) throw std::logic_error("a choice that is none");
    const explore::candidate& one = enabled[chosen];
    record.step = static_cast<std::uint32_t>(number++);
    record.thread = static_cast<std::uint16_t>(one.thread);
    record.what = one.next;
    record.chosen = static_cast<std::uint16_t>(chosen);
    record.count = static_cast<std::uint16_t>(enabled.size());
    record.before = current;
    record.object = one.object;
    record.pc = one.pc;
    unsigned flags = 0;
    if (enabled.size() > 1) flags |= explore::flag_open;
    if (current_enabled && !back && one.thread != current) flags |= explore::flag_preemption;
    if (back) flags |= explore::flag_stepping_back;
    record.flags = static_cast<std::uint8_t>(flags);
    made.records.push_back(record);

    current = one.thread;
    const step& done = what.threads[current - 1][at[current - 1]++];
    yielded = done.what == operation::yield;
    if (done.what == operation::lock) holders[done.object] = current;
    if (done.what == operation::unlock) holders.erase(done.object);
    if (done.values > 1) {
      const std::size_t value = decides.choose(number, done.values, done.what);
      if (value >= done.values) throw std::logic_error("a value that is none");
      explore::log_record choice = record;
      choice.step = static_cast<std::uint32_t>(number++);
      choice.flags = explore::flag_value | explore::flag_open;
      choice.chosen = static_cast<std::uint16_t>(value);
      choice.count = done.values;
      made.records.push_back(choice);
    }
  }
}

schedule_log run(const program& what, const std::string& strategy, std::uint64_t schedule,
                 std::uint64_t length, std::uint64_t seed) {
  const auto decides = explore::make_strategy(
      {.strategy = strategy, .seed = seed, .schedule = schedule, .length = length});
  if (!decides) throw std::logic_error("no strategy " + strategy);
  return run(what, *decides);
}

schedule_log follow(const program& what, const std::vector<exploration::deviation>& list,
                    const std::vector<std::uint32_t>& asleep) {
  std::string file = (std::filesystem::temp_directory_path() / "gobench-follow-XXXXXX").string();
  const int fd = ::mkstemp(file.data());
  if (fd < 0) throw std::runtime_error("no file for deviations");
  ::close(fd);
  std::ofstream(file) << exploration::follow_text(list, asleep);
  const auto decides = explore::make_strategy(
      {.strategy = "follow", .seed = 1, .schedule = 0, .length = 0, .follow = file.c_str()});
  ::unlink(file.c_str());
  if (!decides) throw std::logic_error("deviations that cannot be followed");
  return run(what, *decides);
}

std::string order_of(const schedule_log& log) {
  std::string text;
  for (const explore::log_record& one : log.records) {
    if (!text.empty()) text += ' ';
    text += (one.flags & explore::flag_value) != 0 ? "v" + std::to_string(one.chosen)
                                                   : std::to_string(one.thread);
  }
  return text;
}

std::string trace_of(const schedule_log& log) {
  std::vector<explore::event> left;
  for (const explore::log_record& one : log.records)
    left.push_back({one.what, one.object, one.thread});
  std::string text;
  while (!left.empty()) {
    // Of those that can come first, the one of the lowest thread.
    std::size_t best = left.size();
    for (std::size_t i = 0; i < left.size(); ++i) {
      bool first = true;
      for (std::size_t j = 0; j < i && first; ++j) {
        first = left[j].thread != left[i].thread && explore::independent(left[j], left[i]);
      }
      if (first && (best == left.size() || left[i].thread < left[best].thread)) best = i;
    }
    text += std::to_string(left[best].thread) + ' ';
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return text;
}

}  // namespace model
