// The strategies there are, one file each, and what they share.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "detector/explore/strategy.hpp"

namespace gobench::detector::explore {

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
class random_numbers {
 public:
  constexpr random_numbers(std::uint64_t seed, std::uint64_t schedule) noexcept
      : state_(mixed(seed) ^ mixed(schedule + 0x51ed270b4ee2f9a5u)) {}

  std::uint64_t next() noexcept { return mixed(state_ += 0x9e3779b97f4a7c15u); }
  // Uniform in [0, bound), bound > 0.
  std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64);
  }

 private:
  static constexpr std::uint64_t mixed(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

// When time passes although somebody could run. No paper on these strategies has clocks. How often that is right
// depends on the program, so it is drawn for each schedule: never, as in a program that is faster than its
// timeouts, or at one step in 8, 32 or 128.
class rare_clock {
 public:
  explicit rare_clock(random_numbers& numbers) noexcept
      : numbers_(numbers), one_in_(rates[numbers.below(rates.size())]) {}

  // Whether the clock is a candidate beside others, and chosen at this step: it is always where the only thread there is
  // steps back, which waits for something that time brings.
  bool passes(const situation& now) noexcept {
    if (!beside_others(now)) return false;
    if (now.stepping_back && now.enabled.size() == 2) return true;
    return one_in_ != 0 && numbers_.below(one_in_) == 0;
  }

  static bool beside_others(const situation& now) noexcept {
    return now.enabled.size() > 1 && now.enabled.back().thread == clock_thread;
  }

 private:
  static constexpr std::array<std::uint64_t, 4> rates = {0, 8, 32, 128};

  random_numbers& numbers_;
  std::uint64_t one_in_;
};

// A whole number from 1 to `most`; 0 where the text is none.
std::uint64_t parse_argument(std::string_view text, std::uint64_t most) noexcept;

// `argument`: what stands behind the colon; empty without. Null where it is none.
using strategy_maker = std::unique_ptr<strategy> (*)(const settings& wanted,
                                                     std::string_view argument);
std::unique_ptr<strategy> make_random(const settings& wanted, std::string_view argument);
std::unique_ptr<strategy> make_pct(const settings& wanted, std::string_view argument);
std::unique_ptr<strategy> make_pos(const settings& wanted, std::string_view argument);
std::unique_ptr<strategy> make_follow(const settings& wanted, std::string_view argument);

}  // namespace gobench::detector::explore
