#include "suites/fairness/turns.hpp"

#include <algorithm>
#include <exception>
#include <gobench.hpp>

#include "suites/stopwatch.hpp"
#include "suites/team.hpp"

namespace gobench::suites::fairness {

namespace {

// The tasks tell each other what they have done so often in a sample, each of them.
constexpr std::uint64_t tells = 256;
constexpr std::uint64_t largest_batch = 64;

std::uint64_t ticks_of(double seconds, const tick_source& source) {
  const double ticks = seconds * 1e9 / source.ns_per_tick;
  return ticks < 1e18 ? static_cast<std::uint64_t>(ticks) : std::uint64_t{1} << 62U;
}

}  // namespace

contest::contest(const point& where, std::uint64_t iterations)
    : source_(&ticking()),
      longest_ticks_(ticks_of(where.most_seconds, *source_)),
      wanted_(iterations),
      batch_(std::clamp<std::uint64_t>(
          iterations / (tells * static_cast<std::uint64_t>(where.tasks)), 1, largest_batch)) {}

std::uint64_t contest::start() noexcept {
  const std::uint64_t now = ticks_now(*source_);
  started_ = now;
  ends_ = now + longest_ticks_;
  return now;
}

void contest::tell(std::uint64_t operations, std::uint64_t now) noexcept {
  // Relaxed: only counted; what the operations did is ordered by whatever they are.
  const std::uint64_t all = done_.fetch_add(operations, std::memory_order_relaxed) + operations;
  if (all >= wanted_ || now >= ends_) be_over(now);
}

void contest::be_over(std::uint64_t now) noexcept {
  std::uint64_t not_yet = 0;
  over_at_.compare_exchange_strong(not_yet, now, std::memory_order_relaxed);
}

double jain_index(std::span<const std::uint64_t> shares) {
  double sum = 0;
  double squares = 0;
  for (const std::uint64_t share : shares) {
    const auto x = static_cast<double>(share);
    sum += x;
    squares += x * x;
  }
  return squares == 0 ? 1 : sum * sum / (static_cast<double>(shares.size()) * squares);
}

measurement measure_turns(const point& where, contest& shared, int tasks,
                          const std::function<void(int task, turns& mine)>& body,
                          const std::function<void()>& main) {
  std::vector<turns> all;
  all.reserve(static_cast<std::size_t>(tasks));
  for (int i = 0; i < tasks; ++i) all.emplace_back(shared);
  std::exception_ptr thrown;
  stopwatch watch;
  options how = options_at(where);
  how.hand_off = true;
  gobench::run(how, [&] {
    event start;
    std::atomic<int> arrived{0};
    std::vector<gobench::task> members;
    members.reserve(all.size());
    for (int i = 0; i < tasks; ++i) {
      members.push_back(gobench::go([&, i] {
        arrived.fetch_add(1, std::memory_order_relaxed);  // only counted
        start.wait();
        try {
          body(i, all[static_cast<std::size_t>(i)]);
        } catch (const std::exception&) {
          // Not everything: what unwinds a task at the end of its run must pass.
          shared.call_off();
          throw;
        }
      }));
    }
    while (arrived.load(std::memory_order_relaxed) != tasks) gobench::yield();
    watch.start();
    const std::uint64_t begin = shared.start();
    for (turns& one : all) one.begin(begin);
    start.set();
    if (main) main();
    for (gobench::task& one : members) {
      try {
        one.join();
      } catch (const std::exception&) {
        if (!thrown) thrown = std::current_exception();
      }
    }
    watch.stop();
  });
  if (thrown) std::rethrow_exception(thrown);

  std::vector<std::uint64_t> shares;
  results::histogram waits;
  std::uint64_t sum = 0;
  for (turns& one : all) {
    one.end(shared.over_at());
    waits.merge(one.waits());
    shares.push_back(one.done());
    sum += one.done();
  }
  measurement taken = watch.taken(sum);
  const double us_per_tick = shared.ns_per_tick() / 1000;
  taken.metrics.set(results::metric_fairness, jain_index(shares));
  taken.metrics.set("ops_min", *std::ranges::min_element(shares));
  taken.metrics.set("ops_max", *std::ranges::max_element(shares));
  if (waits.count() != 0) {
    taken.metrics.set("wait_p99_us", waits.quantile(0.99) * us_per_tick);
    taken.metrics.set("longest_wait_us", static_cast<double>(waits.max()) * us_per_tick);
  }
  return taken;
}

}  // namespace gobench::suites::fairness
