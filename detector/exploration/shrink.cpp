#include "detector/exploration/shrink.hpp"

#include <algorithm>
#include <set>

#include "detector/exploration/bounded_search.hpp"

namespace gobench::detector::exploration {

namespace {

class shrinker {
 public:
  shrinker(const trial& fails, std::size_t most) : fails_(fails), most_(most) {}

  std::optional<shrunk> perform(const schedule_log& log) {
    if (!attempt(deviations_of(log), true)) return std::nullopt;
    // None at all: what fails by default needs no decisions.
    if (attempt({})) best_.finished = true;
    while (!best_.finished && !spent()) {
      const std::size_t before = best_.deviations.size();
      halve();
      if (!spent()) one_by_one();
      if (best_.deviations.size() == before) best_.finished = !spent();
    }
    if (best_.deviations.size() > few && !spent()) {
      search();
      best_.finished = !spent();
    }
    best_.trials = trials_;
    return best_;
  }

 private:
  // Fewer than these are hardly possible, and short enough.
  static constexpr std::size_t few = 1;

  bool spent() const { return trials_ >= most_; }

  // Whether fewer deviations fail as well; then they are the best.
  bool attempt(const std::vector<deviation>& list, bool anyway = false) {
    if (spent() || (!anyway && !tried_.insert(list).second)) return false;
    ++trials_;
    return better(fails_(list, {}), anyway);
  }

  bool better(tried made, bool anyway = false) {
    if (!made.fails) return false;
    std::vector<deviation> really = deviations_of(made.log);
    if (!anyway && really.size() >= best_.deviations.size()) return false;
    best_.deviations = std::move(really);
    best_.log = std::move(made.log);
    return true;
  }

  // From the other end: few preemptions first.
  void search() {
    bounded_search all({.bound = 2});
    for (auto items = all.take(); !items.empty() && !spent(); items = all.take()) {
      for (const search_item& one : items) {
        // A schedule has at least as many deviations as preemptions.
        if (spent() || one.preemptions >= best_.deviations.size()) return;
        std::vector<std::uint32_t> asleep;
        for (const explore::event& each : one.asleep) asleep.push_back(each.thread);
        ++trials_;
        tried made = fails_(one.deviations, asleep);
        all.done(one, made.log);
        if (better(std::move(made)) && best_.deviations.size() <= few) return;
      }
    }
  }

  // Leaves out parts, larger ones first.
  void halve() {
    std::size_t parts = 2;
    while (best_.deviations.size() >= 2 && !spent()) {
      const std::vector<deviation> all = best_.deviations;
      parts = std::min(parts, all.size());
      bool fewer = false;
      // Only one part first: where few decisions matter, that is a leap. Then all but one.
      for (const bool keep : {true, false}) {
        if (keep && parts == all.size() && parts > 8) continue;
        for (std::size_t i = 0; i < parts && !fewer && !spent(); ++i) {
          const auto from = all.begin() + static_cast<std::ptrdiff_t>(all.size() * i / parts);
          const auto to = all.begin() + static_cast<std::ptrdiff_t>(all.size() * (i + 1) / parts);
          std::vector<deviation> some;
          if (keep) {
            some.assign(from, to);
          } else {
            some.assign(all.begin(), from);
            some.insert(some.end(), to, all.end());
          }
          fewer = attempt(some);
        }
        if (fewer) break;
      }
      if (fewer) {
        parts = std::max<std::size_t>(2, parts - 1);
      } else if (parts == all.size()) {
        return;
      } else {
        parts *= 2;
      }
    }
  }

  // Without one, and without two, which may have needed each other.
  void one_by_one() {
    for (std::size_t i = 0; i < best_.deviations.size() && !spent(); ++i) {
      if (without({i})) i = static_cast<std::size_t>(-1);
    }
    constexpr std::size_t not_many = 12;
    for (std::size_t i = 0; i < best_.deviations.size() && best_.deviations.size() <= not_many;
         ++i) {
      for (std::size_t j = i + 1; j < best_.deviations.size() && !spent(); ++j) {
        if (without({i, j})) return;
      }
    }
  }

  bool without(std::initializer_list<std::size_t> indices) {
    std::vector<deviation> some;
    for (std::size_t i = 0; i < best_.deviations.size(); ++i) {
      if (std::ranges::find(indices, i) == indices.end()) some.push_back(best_.deviations[i]);
    }
    return attempt(some);
  }

  const trial& fails_;
  std::size_t most_;
  std::size_t trials_ = 0;
  shrunk best_;
  std::set<std::vector<deviation>> tried_;
};

}  // namespace

std::optional<shrunk> shrink(const schedule_log& log, const trial& fails, std::size_t most) {
  return shrinker(fails, most).perform(log);
}

}  // namespace gobench::detector::exploration
