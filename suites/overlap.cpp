#include "suites/overlap.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace gobench::suites {

namespace {

// Who progressed in one window. Two different tasks and two different CPUs are all that is asked for,
// so the first of each and whether there was another will do.
struct window {
  std::int64_t task = -1;
  std::int64_t cpu = -1;
  bool other_task = false;
  bool other_cpu = false;

  void note(std::int64_t by, std::int64_t on) {
    if (task < 0) task = by;
    if (cpu < 0) cpu = on;
    other_task |= task != by;
    other_cpu |= cpu != on;
  }
};

// From one mark to the next; the counters of two CPUs may disagree by a few ticks, hence not below 0.
std::uint64_t stretch(const mark& from, const mark& to) {
  return to.ticks > from.ticks ? to.ticks - from.ticks : 0;
}

std::uint64_t median_stretch(const std::vector<mark>& marks) {
  std::vector<std::uint64_t> stretches;
  stretches.reserve(marks.size());
  for (std::size_t i = 1; i < marks.size(); ++i) {
    stretches.push_back(stretch(marks[i - 1], marks[i]));
  }
  const auto middle = stretches.begin() + static_cast<std::ptrdiff_t>(stretches.size() / 2);
  std::nth_element(stretches.begin(), middle, stretches.end());
  return *middle;
}

}  // namespace

overlap overlap_of(std::span<const std::vector<mark>> tasks, std::uint64_t first,
                   std::uint64_t last) {
  if (last <= first) return {};
  std::array<window, overlap_windows> windows;
  const double width = static_cast<double>(last - first) / overlap_windows;
  const auto window_of = [&](std::uint64_t ticks) {
    const std::uint64_t inside = std::clamp(ticks, first, last) - first;
    return std::min(static_cast<std::size_t>(static_cast<double>(inside) / width),
                    windows.size() - 1);
  };
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    const std::vector<mark>& marks = tasks[task];
    if (marks.size() < 2) continue;
    const std::uint64_t pause = 4 * median_stretch(marks);
    for (std::size_t i = 1; i < marks.size(); ++i) {
      const bool paused = stretch(marks[i - 1], marks[i]) > pause;
      const std::size_t to = window_of(marks[i].ticks);
      const std::size_t from = paused ? to : window_of(marks[i - 1].ticks);
      for (std::size_t w = from; w <= to; ++w) {
        windows[w].note(static_cast<std::int64_t>(task), marks[i].cpu);
      }
    }
  }
  overlap found;
  for (const window& w : windows) {
    if (w.other_task) found.interleaved += 1.0 / overlap_windows;
    if (w.other_task && w.other_cpu) found.parallel += 1.0 / overlap_windows;
  }
  return found;
}

}  // namespace gobench::suites
