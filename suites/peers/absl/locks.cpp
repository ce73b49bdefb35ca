// absl::Mutex, which is a read-write lock as well.
//
// Its deadlock detection, on in builds of Abseil without NDEBUG, is switched off: it keeps a graph of all
// locks up to date at every operation.
#include <absl/synchronization/mutex.h>

#include "suites/lock_variants.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::read_write_locked;

class absl_mutex {
 public:
  absl_mutex() {
    [[maybe_unused]] static const bool off = [] {
      absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
      return true;
    }();
  }
  void lock() { lock_.Lock(); }
  void unlock() { lock_.Unlock(); }
  void lock_shared() { lock_.ReaderLock(); }
  void unlock_shared() { lock_.ReaderUnlock(); }

 private:
  absl::Mutex lock_;
};

using exclusive = locked<absl_mutex>;
using shared = read_write_locked<absl_mutex>;

const more_variants in_mutex{
    "mutex",
    {by_counter<exclusive>("absl.mutex", "absl"), by_acquire<exclusive>("absl.mutex", "absl")}};
const more_variants in_rwmutex{"rwmutex",
                               {by_two_numbers<exclusive>("absl.mutex", "absl"),
                                by_two_numbers<shared>("absl.mutex_reader", "absl"),
                                by_acquire_of_two<shared>("absl.mutex_reader", "absl")}};
const more_variants in_mutex_vs_chan{
    "mutex-vs-chan",
    {by_counter<exclusive>("absl.mutex", "absl"), by_map<exclusive>("absl.mutex", "absl"),
     by_map<shared>("absl.mutex_reader", "absl")}};

}  // namespace

}  // namespace gobench::suites
