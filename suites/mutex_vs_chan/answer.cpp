#include "suites/mutex_vs_chan/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "results/statistics.hpp"
#include "results/summary.hpp"

namespace gobench::suites::mutex_vs_chan {

namespace {

using results::sample;
using results::summary;

std::int64_t number_of(const sample& s, std::string_view name) {
  const results::value* found = s.parameters.find(name);
  const auto* number = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
  return number == nullptr ? -1 : *number;
}

// Where implementations are compared: all that two samples must share for it.
using place = std::tuple<std::int64_t /*hold_ns*/, std::string /*case*/, results::vehicle, int, int,
                         std::int64_t /*read_pct*/>;

place place_of(const sample& s) {
  return {number_of(s, "hold_ns"), s.case_name, s.runs_on, s.procs, s.tasks,
          number_of(s, "read_pct")};
}

// How many times as long the channel takes as the mutex, at one place.
struct comparison {
  double times = 0;
  double low = 0;  // of the intervals of both medians, at their worst
  double high = 0;
  bool told = false;  // whether the samples suffice for an interval at all
};

struct comparisons {
  std::vector<comparison> all;
  int mutex_faster = 0;
  int channel_faster = 0;

  void add(const summary& mutex, const summary& channel) {
    // With fewer than 3 samples an "interval" says nothing.
    constexpr std::size_t fewest = 3;
    const comparison one{.times = channel.median_ns / mutex.median_ns,
                         .low = channel.range_ns.low / mutex.range_ns.high,
                         .high = channel.range_ns.high / mutex.range_ns.low,
                         .told = mutex.count >= fewest && channel.count >= fewest};
    all.push_back(one);
    if (one.told && one.low > 1) ++mutex_faster;
    if (one.told && one.high < 1) ++channel_faster;
  }

  double typical() const { return results::median(times()); }

  // Of the one comparison, or of the median of several.
  std::pair<double, double> range() const {
    if (all.size() == 1) return {all.front().low, all.front().high};
    const results::interval found = results::median_interval(times());
    return {found.low, found.high};
  }

 private:
  std::vector<double> times() const {
    std::vector<double> made;
    for (const comparison& one : all) made.push_back(one.times);
    return made;
  }
};

using by_vehicle = std::map<results::vehicle, comparisons>;

// Over all vehicles: comparisons, and who was faster in how many.
struct count {
  int all = 0;
  int mutex = 0;
  int channel = 0;

  explicit count(const by_vehicle& compared) {
    for (const auto& [vehicle, some] : compared) {
      all += static_cast<int>(some.all.size());
      mutex += some.mutex_faster;
      channel += some.channel_faster;
    }
  }

  std::string advice() const {
    // An interval is wrong once in twenty times or so; of dozens of comparisons a few go the wrong way.
    constexpr int clearly = 5;
    if (mutex + channel == 0) return "these samples cannot tell";
    if (mutex >= clearly * channel) return "use a mutex";
    if (channel >= clearly * mutex) return "use a channel";
    return "it depends on the case";
  }
};

std::string times_text(double times) {
  if (times < 0.95) return fmt::format("{:.2g}", times);
  return fmt::format("{:.{}f}", times, times < 9.95 ? 1 : 0);
}

// "2.1 times as long on fibers (median of 8 comparisons, 95 % interval 1.6 to 2.4)"
std::string compared_text(results::vehicle vehicle, const comparisons& c) {
  const auto [low, high] = c.range();
  const std::string of = c.all.size() == 1 ? "by the intervals of both medians"
                         // Of five values or fewer the interval is all of them.
                         : c.all.size() < 6
                             ? fmt::format("median of {} comparisons, all within", c.all.size())
                             : fmt::format("median of {} comparisons, 95 % interval", c.all.size());
  return fmt::format("{} times as long on {}s ({} {} to {})", times_text(c.typical()),
                     results::to_string(vehicle), of, times_text(low), times_text(high));
}

template <class Text>
std::string joined(const by_vehicle& compared, Text text_of) {
  std::string text;
  for (const auto& [vehicle, some] : compared) {
    text += (text.empty() ? "" : " and ") + text_of(vehicle, some);
  }
  return text;
}

std::string hold_text(std::int64_t hold_ns) {
  return hold_ns <= 0 ? std::string("without work inside")
                      : fmt::format("with {} ns of work inside", hold_ns);
}

}  // namespace

std::string answer(std::span<const results::sample> samples) {
  std::map<place, std::map<std::string, std::vector<sample>>> places;
  for (const sample& s : samples) {
    // Capacities of the owner's channel are ways of their own.
    std::string impl = s.impl;
    if (const auto capacity = number_of(s, "capacity"); capacity >= 0) {
      impl += fmt::format("/{}", capacity);
    }
    places[place_of(s)][impl].push_back(s);
  }

  std::map<std::int64_t, by_vehicle> by_hold;
  for (const auto& [where, impls] : places) {
    std::optional<summary> mutex;
    std::optional<summary> channel;
    for (const auto& [impl, repetitions] : impls) {
      const summary found = results::summarise(repetitions);
      if (found.count == 0) continue;
      // gobench's own before the standard's: "gobench.mutex" < "std.mutex".
      if ((impl == "gobench.mutex" || impl == "std.mutex") && !mutex) mutex = found;
      if (impl.starts_with("gobench.chan_") && (!channel || found.median_ns < channel->median_ns)) {
        channel = found;
      }
    }
    if (mutex && channel) {
      by_hold[std::get<0>(where)][std::get<results::vehicle>(where)].add(*mutex, *channel);
    }
  }
  if (by_hold.empty()) return "";

  const auto& [hold, first] = *by_hold.begin();
  const count faster(first);
  std::string text = fmt::format(
      "Mutex or channel to protect a variable: {}; {}, the better of the channel ways took {}; "
      "faster was the mutex in {} of {}, the channel in {}, and {} cannot be told",
      faster.advice(), hold_text(hold), joined(first, compared_text), faster.mutex, faster.all,
      faster.channel, faster.all - faster.mutex - faster.channel);
  for (auto next = std::next(by_hold.begin()); next != by_hold.end(); ++next) {
    text += fmt::format("; {} it took {} times as long", hold_text(next->first),
                        joined(next->second, [](results::vehicle, const comparisons& c) {
                          return times_text(c.typical());
                        }));
  }
  return text + ".";
}

}  // namespace gobench::suites::mutex_vs_chan
