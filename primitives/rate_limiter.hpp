// A rate: so many events a second on average, and so many at once at most.
//
//   gobench::rate_limiter polite(100, 10);   // 100 a second, after a pause up to 10 at once
//   for (const url& u : urls) {
//     polite.acquire();
//     fetch(u);
//   }
//
// Model. A bucket holds up to `burst` tokens, full in the beginning; `rate` tokens a second drop into it. An event
// takes a token, or as many as it weighs.
//
// Invariants
//  - In any span of t seconds at most burst + rate * t tokens are handed out.
//  - Tokens that are not there yet are handed out in the order of the calls: who comes takes its tokens at
//    once, so that the bucket owes them, and waits until they have dropped in.
//  - Instead of a bucket there is one number, empty_at_: the time at which the bucket was, or will be, empty,
//    as if it had no bound. (now - empty_at_) * rate tokens are there. It is never more than `burst` tokens
//    behind now when it is used.
//
// Source: the virtual scheduling form of the Generic Cell Rate Algorithm (ITU-T I.371, annex A); the
// reservations are golang.org/x/time/rate's. A gobench::semaphore refilled by a ticker would do the same at the
// price of a task that runs for ever, and no finer than its ticks.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "primitives/context.hpp"
#include "primitives/internal/deadline.hpp"
#include "runtime/flavour.hpp"
#include "runtime/park.hpp"
#include "runtime/spin_lock.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// Every method may be called from fibers, task threads and OS threads that the runtime did not start, mixed, and
// outside of a run. None orders anything: passing time is no edge. Every method throws misuse for a
// negative k, and for a k above the burst, which would never be there.
class rate_limiter {
 public:
  // `rate` tokens a second, above 0 and finite; a bucket for `burst` tokens, from 1 to 2^53. Throws misuse
  // for others.
  explicit rate_limiter(double rate, std::int64_t burst = 1);
  rate_limiter(const rate_limiter&) = delete;
  rate_limiter& operator=(const rate_limiter&) = delete;

  double rate() const noexcept { return 1e9 / ns_per_token_; }
  std::int64_t burst() const noexcept { return burst_; }

  // Takes k tokens and waits until they are there. They are spent, even if the end of the run cuts the wait short.
  void acquire(std::int64_t k = 1);

  // Takes k tokens if they are there now and owed to nobody.
  bool try_acquire(std::int64_t k = 1);

  // As acquire(k) if the wait ends in that time; otherwise it returns false at once and takes nothing, since
  // how long it takes is known before.
  template <class Rep, class Period>
  bool acquire_for(std::chrono::duration<Rep, Period> d, std::int64_t k = 1) {
    return acquire_before(runtime::deadline_after(d), k);
  }
  template <class Clock, class Duration>
  bool acquire_until(std::chrono::time_point<Clock, Duration> when, std::int64_t k = 1) {
    return acquire_before(primitives::steady_deadline(when), k);
  }

  // As acquire(k) while the context is not done: returns false when it is done before the tokens are there, and
  // at once if its deadline will be. Tokens that were not waited for are there for those who come next, less those
  // that were taken meanwhile.
  bool acquire(const context& ctx, std::int64_t k = 1);

 private:
  struct taking {
    steady_time there;  // when the tokens are there
    double emptied;     // empty_at_ after it
  };
  // Takes k tokens if they are there now or by `latest`.
  std::optional<taking> take(std::int64_t k, steady_time latest);
  void give_back(std::int64_t k, double emptied) noexcept;
  bool acquire_before(steady_time deadline, std::int64_t k);

  const double ns_per_token_;
  const std::int64_t burst_;
  const steady_time made_;
  runtime::spin_lock lock_;
  double empty_at_;  // in ns since made_; under lock_
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
