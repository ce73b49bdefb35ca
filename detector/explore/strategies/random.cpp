// A random walk: every thread that can run is as likely as any other at every step.
//
// Simple, and hard to beat on small programs (Thomson, Donaldson, Betts: Concurrency testing using schedule
// bounding: an empirical study, PPoPP 2014). What it hardly meets are bugs that need one thread to stand still while others
// take many steps; pct.cpp does.
#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

class random_walk final : public strategy {
 public:
  explicit random_walk(const settings& wanted) : numbers_(wanted.seed, wanted.schedule) {}

  std::size_t pick(const situation& now) override {
    if (clock_.passes(now)) return now.enabled.size() - 1;
    return numbers_.below(now.enabled.size() - (rare_clock::beside_others(now) ? 1 : 0));
  }

  std::size_t choose(std::uint64_t, std::size_t count, operation) override {
    return numbers_.below(count);
  }

 private:
  random_numbers numbers_;
  rare_clock clock_{numbers_};
};

}  // namespace

std::unique_ptr<strategy> make_random(const settings& wanted, std::string_view argument) {
  if (!argument.empty()) return nullptr;
  return std::make_unique<random_walk>(wanted);
}

}  // namespace gobench::detector::explore
