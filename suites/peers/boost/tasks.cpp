// Fibers of Boost.Fiber that yield, begin and end, and sleep.
#include <boost/fiber/operations.hpp>
#include <vector>

#include "suites/batches.hpp"
#include "suites/peers/boost/fibers.hpp"
#include "suites/registry.hpp"
#include "suites/sleeps.hpp"
#include "suites/yields.hpp"

namespace gobench::suites {

namespace {

using peers::boost_fibers;
using results::vehicle;

measurement by_yield(const point& where, std::uint64_t iterations) {
  return yields<boost_fibers>(where, iterations, [] { boost_fibers::yield(); });
}

measurement by_fiber(const point& where, std::uint64_t iterations) {
  std::vector<boost::fibers::fiber> batch(static_cast<std::size_t>(where.tasks));
  return batches_in_a_run<boost_fibers>(where, iterations, [&](attendance& list) {
    for (int i = 0; i < where.tasks; ++i) {
      batch[static_cast<std::size_t>(i)] = boost_fibers::start([at = &list.of(i)] { ++*at; });
    }
    for (boost::fibers::fiber& one : batch) one.join();
  });
}

template <class Case>
measurement by_sleep_for(const point& where, std::uint64_t iterations) {
  return sleeps<Case, boost_fibers>(where, iterations,
                                    [](auto length) { boost::this_fiber::sleep_for(length); });
}

variant of(const char* case_name, const char* impl, operation run,
           std::function<bool(const point&)> applies = {}) {
  return {.case_name = case_name,
          .impl = impl,
          .run = std::move(run),
          .vehicles = {vehicle::fiber},
          .applies = std::move(applies),
          .peer = "boost"};
}

const more_variants in_switch{"switch", {of("yield", "boost.yield", by_yield)}};
const more_variants in_spawn{"spawn", {of("spawn", "boost.fiber", by_fiber)}};
const more_variants in_timers{
    "timers",
    {of("short", "boost.sleep_for", by_sleep_for<short_sleeps>, short_sleeps::applies),
     of("many", "boost.sleep_for", by_sleep_for<many_sleeps>, many_sleeps::applies)}};

}  // namespace

}  // namespace gobench::suites
