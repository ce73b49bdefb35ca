// What the tasks of the suite share, and how each workload proves that nothing was lost.
//
// A workload has the shared data (write, read: the inside of a critical section) and, for each task, a
// private `user` that decides what the task does next. A user's decisions depend on its seed only, so
// that they can be made again after the measurement: the proof replays them and compares the outcome.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "suites/registry.hpp"

namespace gobench::suites::mutex_vs_chan {

// What a read brings that found nothing.
inline constexpr std::uint64_t not_found = ~std::uint64_t{0};

// One operation that a task wants done.
struct wish {
  std::uint64_t key = 0;
  bool read = false;
};

// `counter`: every operation adds 1 to one number.
class shared_counter {
 public:
  static constexpr bool reads = false;

  class alignas(64) user {
   public:
    user(const point&, int /*task*/) {}
    wish next() noexcept { return {}; }
    void saw(std::uint64_t) noexcept {}
  };

  explicit shared_counter(const point&) {}

  std::uint64_t write(const wish&) noexcept {
    ++value_;
    asm volatile("" : "+m"(value_));  // each addition reaches memory, also in a plain loop
    return value_;
  }
  std::uint64_t read(const wish&) noexcept { return value_; }

  proof proved(std::span<const user>, const point&, std::uint64_t operations) const {
    return proof::equal("the counter", value_, operations);
  }

 private:
  std::uint64_t value_ = 0;
};

// `map`: 1024 counters in a std::unordered_map; an operation picks a key at random and, by `read_pct`,
// reads its counter or adds 1 to it.
class shared_map {
 public:
  static constexpr bool reads = true;
  static constexpr std::uint64_t keys = 1024;

  class alignas(64) user {
   public:
    user(const point& where, int task)
        : state_(where.seed + 0x9e3779b97f4a7c15U * (static_cast<std::uint64_t>(task) + 1)),
          read_pct_(static_cast<std::uint64_t>(where.number("read_pct"))) {}

    // splitmix64, https://prng.di.unimi.it/splitmix64.c
    wish next() noexcept {
      std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
      z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
      z ^= z >> 31U;
      ++done_;
      return {z % keys, (z >> 32U) * 100U >> 32U < read_pct_};
    }
    // The value that a read brought.
    void saw(std::uint64_t value) noexcept {
      if (value == not_found) ++lost_;
    }

    std::uint64_t done() const { return done_; }
    std::uint64_t lost() const { return lost_; }

   private:
    std::uint64_t state_;
    std::uint64_t read_pct_;
    std::uint64_t done_ = 0;
    std::uint64_t lost_ = 0;
  };

  explicit shared_map(const point&) {
    counters_.reserve(keys);
    for (std::uint64_t key = 0; key < keys; ++key) counters_[key] = 0;
  }

  std::uint64_t write(const wish& wanted) { return ++counters_[wanted.key]; }
  std::uint64_t read(const wish& wanted) const {
    const auto found = counters_.find(wanted.key);
    return found == counters_.end() ? not_found : found->second;
  }

  // Every key holds the number of additions that the users made to it, and no read missed a key.
  proof proved(std::span<const user> users, const point& where, std::uint64_t operations) const;

 private:
  std::unordered_map<std::uint64_t, std::uint64_t> counters_;
};

}  // namespace gobench::suites::mutex_vs_chan
