// The strategies there are, one file each, and what they share.
#pragma once

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

// `argument`: what stands behind the colon; empty without. Null where it is none.
using strategy_maker = std::unique_ptr<strategy> (*)(const settings& wanted,
                                                     std::string_view argument);
std::unique_ptr<strategy> make_random(const settings& wanted, std::string_view argument);
std::unique_ptr<strategy> make_follow(const settings& wanted, std::string_view argument);

}  // namespace gobench::detector::explore
