#include "results/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace gobench::results {

// Block 0 holds 0 to 1023 and block 1 holds 1024 to 2047, in steps of 1; block b holds the values of
// digits + b bits in steps of 2^(b - 1).
std::size_t histogram::index_of(std::uint64_t number) noexcept {
  const auto bits = static_cast<unsigned>(std::bit_width(number));
  if (bits <= digits) return static_cast<std::size_t>(number);
  const unsigned shift = bits - digits - 1;
  return (std::size_t{shift} << digits) + static_cast<std::size_t>(number >> shift);
}

double histogram::middle_of(std::size_t index) noexcept {
  if (index < 2 * block_size) return static_cast<double>(index);
  const auto shift = static_cast<unsigned>(index / block_size - 1);
  const std::uint64_t first = std::uint64_t{index % block_size + block_size} << shift;
  return static_cast<double>(first) + (std::ldexp(1.0, static_cast<int>(shift)) - 1) / 2;
}

void histogram::merge(const histogram& other) {
  if (other.count_ == 0) return;
  for (std::size_t i = 0; i < most_blocks; ++i) {
    if (other.blocks_[i] != nullptr && blocks_[i] == nullptr)
      blocks_[i] = std::make_unique<block>();
  }
  for (std::size_t i = 0; i < most_blocks; ++i) {
    if (other.blocks_[i] == nullptr) continue;
    for (std::size_t k = 0; k < block_size; ++k) (*blocks_[i])[k] += (*other.blocks_[i])[k];
  }
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
}

void histogram::require_values() const {
  if (count_ == 0) throw std::invalid_argument("A histogram without values was asked for one.");
}

std::uint64_t histogram::min() const {
  require_values();
  return min_;
}

std::uint64_t histogram::max() const {
  require_values();
  return max_;
}

double histogram::mean() const {
  require_values();
  return sum_ / static_cast<double>(count_);
}

double histogram::quantile(double q) const {
  require_values();
  if (!(q >= 0 && q <= 1))
    throw std::invalid_argument("A quantile is asked for by a share from 0 to 1.");
  // The rank, from 1. A share such as 0.99 of 100 must not become 100 by rounding up.
  const double exact = q * static_cast<double>(count_);
  const double rank = std::max(1.0, std::ceil(exact * (1 - 1e-15)));
  if (rank <= 1) return static_cast<double>(min_);
  if (rank >= static_cast<double>(count_)) return static_cast<double>(max_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < most_blocks; ++i) {
    if (blocks_[i] == nullptr) continue;
    for (std::size_t k = 0; k < block_size; ++k) {
      seen += (*blocks_[i])[k];
      if (static_cast<double>(seen) >= rank) {
        return std::clamp(middle_of(i * block_size + k), static_cast<double>(min_),
                          static_cast<double>(max_));
      }
    }
  }
  return static_cast<double>(max_);
}

}  // namespace gobench::results
