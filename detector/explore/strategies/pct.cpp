// Probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized scheduler with
// probabilistic guarantees of finding bugs, ASPLOS 2010).
//
// pct:D looks for bugs of depth D: those that need D events in a certain order. Every thread gets a random priority above
// all change points, and the highest that can run does. At each of D-1 steps, drawn uniformly from the steps that
// the program is expected to take, the priority of the thread that would run drops below those of all others: to D-1-i at the
// i-th. With n threads and k steps one schedule meets a given bug of that depth with a probability of at least
// 1/(n k^(D-1)).
//
// Deviations from the paper
// - k is what earlier schedules took (settings.length), so a schedule that is longer has no change points at its end.
// - A thread that steps back, since it yields or spins, drops below all priorities there are: else a spinner that has a
//   high priority would wait for ever for one that has a low one.
// - Time passes at random (rare_clock), and value choices are uniform; the bound knows of neither.
#include <algorithm>
#include <vector>

#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

constexpr std::uint64_t largest_depth = 1000;
// Steps of a program of which nothing is known yet.
constexpr std::uint64_t usual_length = 100;

class pct final : public strategy {
 public:
  pct(const settings& wanted, std::uint64_t depth) : numbers_(wanted.seed, wanted.schedule) {
    const std::uint64_t length = wanted.length == 0 ? usual_length : wanted.length;
    for (std::uint64_t i = 1; i < depth; ++i) changes_.push_back(numbers_.below(length));
    std::sort(changes_.begin(), changes_.end());
  }

  std::size_t pick(const situation& now) override {
    if (clock_.passes(now)) return now.enabled.size() - 1;
    if (now.stepping_back) priority_of(now.current) = --lowest_;
    std::size_t best = highest(now);
    while (next_ != changes_.size() && changes_[next_] <= now.step) {
      priority_of(now.enabled[best].thread) =
          static_cast<std::int64_t>(changes_.size() - 1 - next_);
      ++next_;
      best = highest(now);
    }
    return best;
  }

  std::size_t choose(std::uint64_t, std::size_t count, operation) override {
    return numbers_.below(count);
  }

  void thread_created(std::uint32_t thread, std::uint32_t) override { priority_of(thread); }

 private:
  static constexpr std::int64_t unknown = -1 - (std::int64_t{1} << 62);

  std::int64_t& priority_of(std::uint32_t thread) {
    if (thread == clock_thread) return of_the_clock_;
    while (priorities_.size() <= thread) priorities_.push_back(unknown);
    std::int64_t& one = priorities_[thread];
    // Above all change points; of 61 random bits no two are equal in practice.
    if (one == unknown) one = static_cast<std::int64_t>((numbers_.next() >> 3) + largest_depth);
    return one;
  }

  // The clock, where it stands beside others, is left out.
  std::size_t highest(const situation& now) {
    const std::size_t count = now.enabled.size() - (rare_clock::beside_others(now) ? 1 : 0);
    std::size_t best = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (priority_of(now.enabled[i].thread) > priority_of(now.enabled[best].thread)) best = i;
    }
    return best;
  }

  random_numbers numbers_;
  rare_clock clock_{numbers_};
  std::vector<std::uint64_t> changes_;  // steps, in order
  std::size_t next_ = 0;
  std::vector<std::int64_t> priorities_;  // by thread
  std::int64_t of_the_clock_ = 0;         // where it is the only candidate
  std::int64_t lowest_ = 0;               // given to the last that stepped back; below all others
};

}  // namespace

std::unique_ptr<strategy> make_pct(const settings& wanted, std::string_view argument) {
  const std::uint64_t depth = parse_argument(argument, largest_depth);
  if (depth == 0) return nullptr;
  return std::make_unique<pct>(wanted, depth);
}

}  // namespace gobench::detector::explore
