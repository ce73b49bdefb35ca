// Parked fibers of Boost.Fiber: all wait for one event.
//
// Their stacks are of 16 KiB from malloc, side by side, of which a fiber that waits touches one page.
#include <atomic>
#include <boost/fiber/fixedsize_stack.hpp>
#include <memory>
#include <vector>

#include "suites/parking.hpp"
#include "suites/peers/boost/fibers.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using peers::boost_fibers;

parking park_all(const point& where) {
  parking made(where.tasks);
  std::atomic<int> arrived{0};
  std::atomic<std::uint64_t> woken{0};
  made.begin();
  boost_fibers::run(where, [&] {
    boost_fibers::event gate;
    std::vector<boost::fibers::fiber> fibers;
    made.begin_creating();
    fibers.reserve(static_cast<std::size_t>(where.tasks));
    for (int i = 0; i < where.tasks; ++i) {
      fibers.emplace_back(std::allocator_arg,
                          boost::fibers::fixedsize_stack(boost_fibers::stack_bytes), [&] {
                            // Relaxed: only counted.
                            arrived.fetch_add(1, std::memory_order_relaxed);
                            gate.wait();
                            woken.fetch_add(1, std::memory_order_relaxed);
                          });
    }
    while (arrived.load(std::memory_order_relaxed) != where.tasks) boost_fibers::yield();
    made.all_are_parked();
    gate.set();
    for (boost::fibers::fiber& one : fibers) one.join();
  });
  made.end(woken);
  return made;
}

measurement park(const point& where, std::uint64_t) { return park_in_a_child(where, park_all); }

const more_variants registered{"million",
                               {{.case_name = "park",
                                 .impl = "boost.fiber",
                                 .run = park,
                                 .vehicles = {results::vehicle::fiber},
                                 .peer = "boost"}}};

}  // namespace

}  // namespace gobench::suites
