// The mutex of Boost.Fiber, which parks fibers. It has no read-write lock.
#include <boost/fiber/mutex.hpp>

#include "suites/lock_variants.hpp"
#include "suites/peers/boost/fibers.hpp"

namespace gobench::suites {

namespace {

using guard = mutex_vs_chan::locked<boost::fibers::mutex>;
using peers::boost_fibers;

const more_variants in_mutex{"mutex", {by_counter<guard, boost_fibers>("boost.mutex", "boost")}};
const more_variants in_rwmutex{"rwmutex",
                               {by_two_numbers<guard, boost_fibers>("boost.mutex", "boost")}};
const more_variants in_mutex_vs_chan{"mutex-vs-chan",
                                     {by_counter<guard, boost_fibers>("boost.mutex", "boost"),
                                      by_map<guard, boost_fibers>("boost.mutex", "boost")}};

}  // namespace

}  // namespace gobench::suites
