// A random walk: every candidate is as likely as any other at every step. Time passes rarely while somebody can run.
#include "detector/explore/strategies/strategies.hpp"

namespace gobench::detector::explore {
namespace {

// One step in so many lets a deadline pass although somebody can run.
constexpr std::uint64_t clock_is_rare = 64;

class random_walk final : public strategy {
 public:
  explicit random_walk(const settings& wanted) : numbers_(wanted.seed, wanted.schedule) {}

  std::size_t pick(const situation& now) override {
    std::size_t count = now.enabled.size();
    if (count == 1) return 0;
    if (now.enabled.back().thread == clock_thread) {
      if (numbers_.below(clock_is_rare) == 0) return count - 1;
      --count;
    }
    return numbers_.below(count);
  }

  std::size_t choose(std::uint64_t, std::size_t count, operation) override {
    return numbers_.below(count);
  }

 private:
  random_numbers numbers_;
};

}  // namespace

std::unique_ptr<strategy> make_random(const settings& wanted, std::string_view argument) {
  if (!argument.empty()) return nullptr;
  return std::make_unique<random_walk>(wanted);
}

}  // namespace gobench::detector::explore
