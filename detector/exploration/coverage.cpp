#include "detector/exploration/coverage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace gobench::detector::exploration {

namespace {

// Rounded down: a bound that is rounded up is none.
std::string percent(double share) {
  const double value = share * 100;
  if (value >= 99.99) return "99.99%";
  if (value >= 10) return fmt::format("{:.1f}%", std::floor(value * 10) / 10);
  if (value >= 0.01) return fmt::format("{:.2f}%", std::floor(value * 100) / 100);
  return fmt::format("{:.1e}", share);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

double pct_bound(std::uint64_t threads, std::uint64_t steps, std::uint64_t depth,
                 std::uint64_t runs) {
  if (threads == 0 || steps == 0 || depth == 0) return 0;
  const double one = 1 / (static_cast<double>(threads) *
                          std::pow(static_cast<double>(steps), static_cast<double>(depth - 1)));
  // 1 - (1 - one)^runs, without losing what is small.
  return -std::expm1(static_cast<double>(runs) * std::log1p(-std::min(one, 1.0 - 1e-12)));
}

void coverage::add(const std::string& strategy, const schedule_log& log) {
  ++schedules_;
  orders_.insert(order_hash(log));
  threads_ = std::max<std::uint64_t>(threads_, log.header.threads);
  steps_ = std::max<std::uint64_t>(steps_, log.records.size());
  open_ = std::max<std::uint64_t>(open_, open_choices_of(log));
  if (strategy.starts_with("pct:")) ++pct_runs_[std::stoull(strategy.substr(4))];
}

std::string coverage::sentence(const std::optional<search_state>& search) const {
  std::string text =
      fmt::format("{} run, {} of them different; at most {}, {} and {} with a choice.",
                  counted(schedules_, "schedule"), distinct(), counted(threads_, "thread"),
                  counted(steps_, "step"), counted(open_, "step"));
  if (open_ == 0 && schedules_ > 0) {
    text += " There was nothing to decide: one thread ran at a time.";
  }
  if (search) {
    const std::string of_shards =
        search->shards > 1 ? fmt::format(" of this shard, one of {}", search->shards) : "";
    if (search->complete && search->bound) {
      text += fmt::format(" All schedules with at most {}{} were covered.",
                          counted(*search->bound, "preemption"), of_shards);
    } else if (search->complete) {
      text += fmt::format(" All schedules{} were covered.", of_shards);
    } else {
      text += search->bound ? fmt::format(" Not all schedules with at most {} were covered.",
                                          counted(*search->bound, "preemption"))
                            : " Not all schedules were covered.";
    }
    return text;
  }
  for (const auto& [depth, runs] : pct_runs_) {
    text += fmt::format(
        " A given bug of depth {} would have been met with a probability of at least {} ({} of "
        "pct:{}).",
        depth, percent(pct_bound(threads_, steps_, depth, runs)), counted(runs, "schedule"), depth);
  }
  return text;
}

}  // namespace gobench::detector::exploration
