// What the suite rwmutex does: two numbers that are always equal (suites/rwmutex.cpp).
#pragma once

#include <cstdint>
#include <span>

#include "suites/crowd.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/random.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

// A workload as in suites/mutex_vs_chan/workloads.hpp.
class two_numbers {
 public:
  static constexpr bool reads = true;

  class alignas(64) user {
   public:
    user(const point& where, int task)
        : random_(where.seed, task),
          read_pct_(static_cast<std::uint64_t>(where.number("read_pct"))) {}

    mutex_vs_chan::wish next() noexcept {
      ++done_;
      return {0, random_.percent() < read_pct_};
    }
    void saw(std::uint64_t value) noexcept {
      if (value == mutex_vs_chan::not_found) ++torn_;
    }
    std::uint64_t done() const { return done_; }
    std::uint64_t torn() const { return torn_; }

   private:
    task_random random_;
    std::uint64_t read_pct_;
    std::uint64_t done_ = 0;
    std::uint64_t torn_ = 0;
  };

  explicit two_numbers(const point&) {}

  void write(const mutex_vs_chan::wish&) noexcept {
    ++first_;
    asm volatile("" ::: "memory");  // one after the other, so that a reader beside it would notice
    ++second_;
  }
  std::uint64_t read(const mutex_vs_chan::wish&) const noexcept {
    const std::uint64_t first = first_;
    asm volatile("" ::: "memory");
    return first == second_ ? first : mutex_vs_chan::not_found;
  }

  proof proved(std::span<const user> users, const point& where, std::uint64_t operations) const {
    std::uint64_t written = 0;
    std::uint64_t done = 0;
    std::uint64_t torn = 0;
    for (std::size_t task = 0; task < users.size(); ++task) {
      written += writes_of(where, static_cast<int>(task), users[task].done());
      done += users[task].done();
      torn += users[task].torn();
    }
    return proof::equal("the number of operations", done, operations) &&
           proof::equal("the number of reads beside a write", torn, 0) &&
           proof::equal("the first number", first_, written) &&
           proof::equal("the second number", second_, written);
  }

  // How many of a task's operations were writes.
  static std::uint64_t writes_of(const point& where, int task, std::uint64_t operations) {
    user again(where, task);
    std::uint64_t writes = 0;
    for (std::uint64_t i = 0; i < operations; ++i) writes += again.next().read ? 0 : 1;
    return writes;
  }

 private:
  std::uint64_t first_ = 0;
  std::uint64_t second_ = 0;
};

// How many of all operations are writes.
inline std::uint64_t all_writes(const point& where, std::uint64_t operations) {
  std::uint64_t writes = 0;
  for (int task = 0; task < where.tasks; ++task) {
    writes += two_numbers::writes_of(where, task, share_of(operations, task, where.tasks));
  }
  return writes;
}

}  // namespace gobench::suites
