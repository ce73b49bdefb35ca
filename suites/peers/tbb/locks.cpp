// The locks of oneTBB, on threads of ours: they work on any thread.
//
// mutex and rw_mutex spin for a while and then sleep; the others only spin, the queuing ones in line. A
// spinning lock whose holder has lost its CPU, or whose next in line has, keeps all others busy with waiting:
// these take part with up to 8 tasks.
#include <oneapi/tbb/mutex.h>
#include <oneapi/tbb/queuing_mutex.h>
#include <oneapi/tbb/rw_mutex.h>
#include <oneapi/tbb/spin_mutex.h>
#include <oneapi/tbb/spin_rw_mutex.h>

#include "suites/lock_variants.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::read_write_locked;

// A guard as in suites/mutex_vs_chan/guards.hpp; this lock needs room in its holder's frame.
class queued {
 public:
  template <class F>
  void exclusive(F&& f) {
    const tbb::queuing_mutex::scoped_lock held(lock_);
    f();
  }
  template <class F>
  void shared(F&& f) {
    exclusive(f);
  }

 private:
  alignas(64) tbb::queuing_mutex lock_;
};

variant up_to_8_tasks(variant one) {
  one.applies = [besides = one.applies](const point& at) {
    return at.tasks <= 8 && (!besides || besides(at));
  };
  return one;
}

const more_variants in_mutex{
    "mutex",
    {by_counter<locked<tbb::mutex>>("tbb.mutex", "tbb"),
     up_to_8_tasks(by_counter<locked<tbb::spin_mutex>>("tbb.spin_mutex", "tbb")),
     up_to_8_tasks(by_counter<queued>("tbb.queuing_mutex", "tbb")),
     by_acquire<locked<tbb::mutex>>("tbb.mutex", "tbb"),
     up_to_8_tasks(by_acquire<queued>("tbb.queuing_mutex", "tbb"))}};
const more_variants in_rwmutex{
    "rwmutex",
    {by_two_numbers<read_write_locked<tbb::rw_mutex>>("tbb.rw_mutex", "tbb"),
     up_to_8_tasks(
         by_two_numbers<read_write_locked<tbb::spin_rw_mutex>>("tbb.spin_rw_mutex", "tbb")),
     by_acquire_of_two<read_write_locked<tbb::rw_mutex>>("tbb.rw_mutex", "tbb")}};

}  // namespace

}  // namespace gobench::suites
