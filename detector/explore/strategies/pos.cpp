// Partial order sampling (Yuan, Yang, Gu: Partial order aware concurrency sampling, CAV 2018).
//
// A random walk takes many schedules that differ only in the order of operations that commute. Here every
// pending operation has a random priority, and the highest goes first. Once it is done, the pending
// operations of others that race with it (the same object, and not both only read) draw a new one: so each order of two racing
// operations is as likely as the other, and independent ones are drawn once only.
//
// Deviations from the paper: time passes at random (rare_clock); value choices are uniform.
#include <vector>

#include "detector/explore/dependence.hpp"
#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

bool race(const candidate& a, const candidate& b) noexcept {
  return !independent({a.next, a.object, a.thread}, {b.next, b.object, b.thread});
}

class partial_order final : public strategy {
 public:
  explicit partial_order(const settings& wanted) : numbers_(wanted.seed, wanted.schedule) {}

  std::size_t pick(const situation& now) override {
    if (clock_.passes(now)) return now.enabled.size() - 1;
    const std::size_t count = now.enabled.size() - (rare_clock::beside_others(now) ? 1 : 0);
    if (now.enabled[0].thread == clock_thread) return 0;
    std::size_t best = 0;
    for (std::size_t i = 1; i < count; ++i) {
      if (priority_of(now.enabled[i].thread) > priority_of(now.enabled[best].thread)) best = i;
    }
    const candidate& chosen = now.enabled[best];
    draw(chosen.thread);  // for what it does afterwards
    for (std::size_t i = 0; i != count; ++i) {
      if (i != best && race(now.enabled[i], chosen)) draw(now.enabled[i].thread);
    }
    return best;
  }

  std::size_t choose(std::uint64_t, std::size_t count, operation) override {
    return numbers_.below(count);
  }

 private:
  std::uint64_t priority_of(std::uint32_t thread) {
    while (priorities_.size() <= thread) priorities_.push_back(numbers_.next());
    return priorities_[thread];
  }
  void draw(std::uint32_t thread) {
    priority_of(thread);
    priorities_[thread] = numbers_.next();
  }

  random_numbers numbers_;
  rare_clock clock_{numbers_};
  std::vector<std::uint64_t> priorities_;  // of what each thread does next
};

}  // namespace

std::unique_ptr<strategy> make_pos(const settings& wanted, std::string_view argument) {
  if (!argument.empty()) return nullptr;
  return std::make_unique<partial_order>(wanted);
}

}  // namespace gobench::detector::explore
