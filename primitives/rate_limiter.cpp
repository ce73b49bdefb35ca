#include "primitives/rate_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "primitives/select.hpp"
#include "runtime/errors.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace {

constexpr std::int64_t most = std::int64_t{1} << 53;  // what a double counts exactly

double checked_rate(double rate) {
  if (!(rate > 0) || !std::isfinite(rate) || !std::isfinite(1e9 / rate))
    throw misuse("a rate_limiter needs a rate above 0 tokens a second, and a finite one");
  return rate;
}
std::int64_t checked_burst(std::int64_t burst) {
  if (burst < 1 || burst > most) throw misuse("a rate_limiter needs a burst from 1 to 2^53 tokens");
  return burst;
}

double ns_between(steady_time from, steady_time to) noexcept {
  return std::chrono::duration<double, std::nano>(to - from).count();
}

}  // namespace

rate_limiter::rate_limiter(double rate, std::int64_t burst)
    : ns_per_token_(1e9 / checked_rate(rate)),
      burst_(checked_burst(burst)),
      made_(std::chrono::steady_clock::now()),
      empty_at_(-ns_per_token_ * static_cast<double>(burst_)) {}

std::optional<rate_limiter::taking> rate_limiter::take(std::int64_t k, steady_time latest) {
  if (k < 0 || k > burst_)
    throw misuse(
        "a rate_limiter was asked for a negative number of tokens, or for more than its burst, "
        "which "
        "it never has at a time");
  const steady_time now = std::chrono::steady_clock::now();
  const double now_ns = ns_between(made_, now);
  const std::scoped_lock held(lock_);
  const double full = now_ns - ns_per_token_ * static_cast<double>(burst_);
  const double emptied = std::max(empty_at_, full) + ns_per_token_ * static_cast<double>(k);
  const double wait_ns = emptied - now_ns;
  steady_time there = now;
  // Who wants nothing does not wait for what is owed to others.
  if (wait_ns > 0 && k != 0) {
    there = runtime::deadline_after(std::chrono::duration<double, std::nano>(wait_ns));
    if (there > latest) return std::nullopt;
  }
  empty_at_ = emptied;
  return taking{there, emptied};
}

// Those who took tokens after us wait until the same time as before. What we did not need is for who comes next, but
// the part that drops in while those are being served would be handed out at the same time as theirs: it is
// lost (as in golang.org/x/time/rate, Reservation.CancelAt).
void rate_limiter::give_back(std::int64_t k, double emptied) noexcept {
  const std::scoped_lock held(lock_);
  const double unused = ns_per_token_ * static_cast<double>(k) - (empty_at_ - emptied);
  if (unused > 0) empty_at_ -= unused;
}

void rate_limiter::acquire(std::int64_t k) {
  static_cast<void>(acquire_before(runtime::no_deadline, k));
}

bool rate_limiter::try_acquire(std::int64_t k) { return take(k, steady_time::min()).has_value(); }

bool rate_limiter::acquire_before(steady_time deadline, std::int64_t k) {
  GOBENCH_OPERATION(wait, this);
  const std::optional<taking> mine = take(k, deadline);
  if (!mine) return false;
  if (!primitives::passed(mine->there)) sleep_until(mine->there);
  return true;
}

bool rate_limiter::acquire(const context& ctx, std::int64_t k) {
  GOBENCH_OPERATION(wait, this);
  if (ctx.err() != context_error::none) return false;
  const std::optional<taking> mine = take(k, ctx.deadline().value_or(runtime::no_deadline));
  if (!mine) return false;
  const auto wait = mine->there - std::chrono::steady_clock::now();
  if (wait <= wait.zero()) return true;
  bool done = false;
  select(on_recv(ctx.done(), [&] { done = true; }), after(wait));
  if (done) give_back(k, mine->emptied);
  return !done;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
