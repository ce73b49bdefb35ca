// What a lock from elsewhere adds to the suites about locks: one line for each lock and suite.
//
//   const more_variants in_mutex{"mutex", {by_counter<locked<tbb::spin_mutex>>("tbb.spin_mutex", "tbb")}};
//
// Guards (locked, read_write_locked) are in suites/mutex_vs_chan/guards.hpp. A lock that blocks the OS
// thread is measured on threads; one of fibers on its own fibers, which its Carrier brings.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "suites/acquire.hpp"
#include "suites/carrier.hpp"
#include "suites/mutex_vs_chan/guards.hpp"
#include "suites/mutex_vs_chan/workloads.hpp"
#include "suites/registry.hpp"
#include "suites/two_numbers.hpp"

namespace gobench::suites {

template <class Workload, class Guard, class Carrier>
variant guarded_variant(const std::string& case_name, const std::string& impl,
                        const std::string& peer, const std::vector<std::string>& parameters) {
  constexpr auto vehicle =
      std::is_same_v<Carrier, our_tasks> ? results::vehicle::thread : results::vehicle::fiber;
  return {.case_name = case_name,
          .impl = impl,
          .run = mutex_vs_chan::run_guarded<Workload, Guard, Carrier>,
          .parameters = parameters,
          .vehicles = {vehicle},
          .peer = peer};
}

// For `mutex` and for the case `counter` of `mutex-vs-chan`. `peer` is empty for what is always there.
template <class Guard, class Carrier = our_tasks>
variant by_counter(const std::string& impl, const std::string& peer) {
  return guarded_variant<mutex_vs_chan::shared_counter, Guard, Carrier>("counter", impl, peer,
                                                                        {"hold_ns"});
}

// For the case `map` of `mutex-vs-chan`.
template <class Guard, class Carrier = our_tasks>
variant by_map(const std::string& impl, const std::string& peer) {
  return guarded_variant<mutex_vs_chan::shared_map, Guard, Carrier>("map", impl, peer,
                                                                    {"hold_ns", "read_pct"});
}

// For `rwmutex`.
template <class Guard, class Carrier = our_tasks>
variant by_two_numbers(const std::string& impl, const std::string& peer) {
  return guarded_variant<two_numbers, Guard, Carrier>("two numbers", impl, peer,
                                                      {"hold_ns", "read_pct"});
}

// For the case `acquire` of `mutex`, and of `rwmutex`: for locks of threads.
template <class Guard>
variant by_acquire(const std::string& impl, const std::string& peer) {
  return {.case_name = "acquire",
          .impl = impl,
          .run = acquire_guarded<mutex_vs_chan::shared_counter, Guard>,
          .parameters = {"hold_ns"},
          .vehicles = {results::vehicle::thread},
          .applies = contended,
          .peer = peer};
}
template <class Guard>
variant by_acquire_of_two(const std::string& impl, const std::string& peer) {
  variant made = by_acquire<Guard>(impl, peer);
  made.run = acquire_guarded<two_numbers, Guard>;
  made.parameters.emplace_back("read_pct");
  made.applies = read_and_written;
  return made;
}

}  // namespace gobench::suites
