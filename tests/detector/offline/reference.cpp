#include "tests/detector/offline/reference.hpp"

#include <algorithm>

namespace reference {

namespace {

using trace_maker::action;
using trace_maker::step;

struct past_access {
  std::uint64_t position;
  std::uint32_t thread;
  std::uint64_t clock;  // the thread's own, then
  bool is_write;
};

void join(plain_clock& to, const plain_clock& from) {
  for (const auto& [thread, clock] : from) to[thread] = std::max(to[thread], clock);
}

}  // namespace

result races_of(const std::vector<step>& steps) {
  std::map<std::uint32_t, plain_clock> threads;
  std::map<std::uint32_t, plain_clock> locks;
  std::map<std::uint32_t, std::vector<past_access>> accesses;
  result found;
  for (std::uint64_t position = 1; position <= steps.size(); ++position) {
    const step& one = steps[position - 1];
    plain_clock& clock = threads[one.thread];
    ++clock[one.thread];  // each event has a time of its own
    switch (one.does) {
      case action::acquire:
        join(clock, locks[one.target]);
        break;
      case action::release:
        locks[one.target] = clock;
        break;
      case action::fork:
        join(threads[one.target], clock);
        break;
      case action::join:
        join(clock, threads[one.target]);
        break;
      case action::read:
      case action::write: {
        const bool is_write = one.does == action::write;
        std::set<std::uint64_t> races_with;
        for (const past_access& earlier : accesses[one.target]) {
          const bool conflict = is_write || earlier.is_write;
          if (conflict && earlier.clock > clock[earlier.thread]) {
            races_with.insert(earlier.position);
          }
        }
        accesses[one.target].push_back({position, one.thread, clock[one.thread], is_write});
        if (races_with.empty()) break;
        found.racy_events.push_back(position);
        if (found.first_race.emplace(one.target, position).second) {
          found.earlier[one.target] = races_with;
        }
        break;
      }
    }
  }
  return found;
}

}  // namespace reference
