// Counts of values in log-linear buckets, for percentiles of more values than one would keep.
//
//   histogram waits;
//   waits.record(1250);                     // ns
//   all.merge(waits);                       // those of several tasks
//   all.quantile(0.99);
//
// Invariants
//  - Values below 2048 have a bucket each. From there on every power of two is cut into 1024 buckets of equal
//    width, so that a bucket is never wider than 1/1024 of any value in it.
//  - A bucket answers with its middle, so a quantile is within 1/2048 (0.05 %, three significant digits) of
//    the value that was recorded at that rank, and never outside of [min(), max()]. min(), max(), count() and
//    mean() are exact as far as a double can be.
//  - The buckets of a power of two are made when the first value falls there: 8 KiB each. What was never
//    there takes no memory, and recording mostly allocates nothing.
//
// Not for several threads at once: one for each task, merged after the measurement.
//
// Source: the bucketing of G. Tene's HdrHistogram (http://hdrhistogram.org), with the precision fixed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace gobench::results {

class histogram {
 public:
  // Once more this value, or `times`. Throws std::bad_alloc, and has then counted nothing.
  void record(std::uint64_t number, std::uint64_t times = 1) {
    const std::size_t index = index_of(number);
    std::unique_ptr<block>& home = blocks_[index / block_size];
    if (home == nullptr) [[unlikely]]
      home = std::make_unique<block>();
    (*home)[index % block_size] += times;
    note(number, times);
  }

  void merge(const histogram& other);

  std::uint64_t count() const noexcept { return count_; }
  // The following take at least one recorded value and throw std::invalid_argument for none.
  std::uint64_t min() const;
  std::uint64_t max() const;
  double mean() const;
  // The smallest recorded value that at least the share q of all values does not exceed (nearest rank), q in
  // [0, 1]; 0 is the smallest, 1 the largest, both exact. Throws std::invalid_argument for another q.
  double quantile(double q) const;

 private:
  static constexpr unsigned digits = 10;  // of a bucket's width, binary
  static constexpr std::size_t block_size = std::size_t{1} << digits;  // buckets of a power of two
  static constexpr std::size_t most_blocks = 64 - digits + 1;
  using block = std::array<std::uint64_t, block_size>;

  static std::size_t index_of(std::uint64_t number) noexcept;
  static double middle_of(std::size_t index) noexcept;

  void note(std::uint64_t number, std::uint64_t times) noexcept {
    if (times == 0) return;
    if (count_ == 0 || number < min_) min_ = number;
    if (number > max_) max_ = number;
    count_ += times;
    sum_ += static_cast<double>(number) * static_cast<double>(times);
  }
  void require_values() const;

  std::array<std::unique_ptr<block>, most_blocks> blocks_{};
  std::uint64_t count_ = 0;
  std::uint64_t min_ = 0;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace gobench::results
