#include "detector/exploration/bounded_search.hpp"

#include <algorithm>
#include <bit>

namespace gobench::detector::exploration {

namespace {

using explore::clock_thread;
using explore::event;
using explore::log_record;

// Items that are given out at a time: enough for any number of CPUs, and the same for all.
constexpr std::size_t batch = 32;

constexpr std::uint64_t beyond_mask = std::uint64_t{1} << 62;

bool is_value(const log_record& record) { return (record.flags & explore::flag_value) != 0; }

// The candidates at the record but for the one that was chosen, the default first.
std::vector<std::uint32_t> others_at(const log_record& record) {
  std::vector<std::uint32_t> all;
  for (std::uint64_t mask = record.enabled; mask != 0; mask &= mask - 1) {
    const int bit = std::countr_zero(mask);
    const std::uint32_t thread = bit == 63 ? clock_thread : static_cast<std::uint32_t>(bit);
    if (thread != record.thread) all.push_back(thread);
  }
  return all;
}

}  // namespace

bounded_search::bounded_search(const search_options& how) : how_(how) {
  search_item first;
  first.first = true;
  add(std::move(first));
}

void bounded_search::add(search_item made) {
  if (waiting_ >= how_.most_waiting) {
    left_out_ = true;
    return;
  }
  const std::size_t level = how_.bound ? made.preemptions : 0;
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].push_back(std::move(made));
  ++waiting_;
}

std::vector<search_item> bounded_search::take() {
  std::vector<search_item> made;
  for (auto& level : levels_) {
    // The latest first: few wait then.
    while (!level.empty() && made.size() < batch) {
      made.push_back(std::move(level.back()));
      level.pop_back();
    }
    if (!made.empty()) break;
  }
  waiting_ -= made.size();
  taken_ = made.size();
  return made;
}

void bounded_search::done(const search_item& item, const schedule_log& log) {
  --taken_;
  branch(item, log);
}

void bounded_search::branch(const search_item& item, const schedule_log& log) {
  const pending_events pending(log);
  std::vector<deviation> prefix = item.deviations;
  std::vector<event> asleep = item.asleep;
  std::size_t preemptions = item.preemptions;
  std::size_t left = item.deviations.size();  // deviations still to come in the log
  bool threads_unknown = false;
  walk along;

  const auto child = [&](const place& here, std::uint64_t choice, std::vector<event> sleeping,
                         std::size_t cost) {
    if (item.first && children_of_first_++ % how_.shards != how_.shard) return;
    search_item made{.deviations = prefix, .asleep = std::move(sleeping), .preemptions = cost};
    made.deviations.push_back({here, choice});
    add(std::move(made));
  };

  for (std::size_t i = 0; i < log.records.size(); ++i) {
    const log_record& record = log.records[i];
    const place here = along.next(record);
    const bool inherited = left > 0;  // as the parent had it, or the deviation of this item
    if (left > 0 &&
        std::ranges::find(item.deviations, here, &deviation::where) != item.deviations.end()) {
      --left;
    }
    if (is_value(record)) {
      if (inherited) continue;
      for (std::uint16_t value = 0; value < record.count; ++value) {
        if (value != record.chosen) child(here, value, asleep, preemptions);
      }
      continue;
    }
    if ((record.enabled & beyond_mask) != 0 && record.count > 1) threads_unknown = true;
    const event chosen{record.what, record.object, record.thread};
    if (!inherited) {
      const bool sleeps = std::ranges::find(asleep, record.thread, &event::thread) != asleep.end();
      const bool current_could =
          (record.enabled >> (record.before < 62 ? record.before : 62) & 1) != 0 &&
          (record.flags & explore::flag_stepping_back) == 0;
      std::vector<event> tried = asleep;
      if (!sleeps && (!how_.bound || record.thread == record.before)) tried.push_back(chosen);
      for (const std::uint32_t other : others_at(record)) {
        if (std::ranges::find(asleep, other, &event::thread) != asleep.end()) continue;
        const bool preempts = current_could && other != record.before;
        const std::size_t cost = preemptions + (preempts ? 1 : 0);
        if (how_.bound && cost > *how_.bound) continue;
        child(here, other, how_.sleep_sets ? tried : std::vector<event>{}, cost);
        if (!how_.bound && other != clock_thread) tried.push_back(pending.at(i, other));
      }
      if (sleeps) {
        // Every candidate slept, or all others were tried above: what follows has been done elsewhere.
        ++redundant_;
        break;
      }
      if ((record.flags & explore::flag_preemption) != 0) ++preemptions;
      // Who sleeps made it deviate; for the children nobody sleeps until their own last deviation.
      if (default_of(record) != choice_of(record)) prefix.push_back({here, choice_of(record)});
    }
    // The sleep set of the item is the one before its last deviation.
    if (left == 0) {
      std::erase_if(asleep, [&](const event& one) {
        return one.thread == record.thread || !explore::independent(one, chosen);
      });
    }
  }
  // What was not seen to its end, or did not do what was asked, proves nothing.
  if (threads_unknown || left > 0 || !log.present() ||
      log.header.end == explore::end_reason::hang) {
    left_out_ = true;
  }
}

}  // namespace gobench::detector::exploration
