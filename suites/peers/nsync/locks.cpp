// nsync_mu, which is a read-write lock as well.
#include <nsync_cpp.h>
#include <nsync_mu.h>

#include "suites/lock_variants.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::read_write_locked;

class nsync_lock {
 public:
  nsync_lock() { nsync::nsync_mu_init(&lock_); }
  void lock() { nsync::nsync_mu_lock(&lock_); }
  void unlock() { nsync::nsync_mu_unlock(&lock_); }
  void lock_shared() { nsync::nsync_mu_rlock(&lock_); }
  void unlock_shared() { nsync::nsync_mu_runlock(&lock_); }

 private:
  nsync::nsync_mu lock_;
};

const more_variants in_mutex{"mutex",
                             {by_counter<locked<nsync_lock>>("nsync.mu", "nsync"),
                              by_acquire<locked<nsync_lock>>("nsync.mu", "nsync")}};
const more_variants in_rwmutex{
    "rwmutex",
    {by_two_numbers<locked<nsync_lock>>("nsync.mu", "nsync"),
     by_two_numbers<read_write_locked<nsync_lock>>("nsync.mu_reader", "nsync"),
     by_acquire_of_two<read_write_locked<nsync_lock>>("nsync.mu_reader", "nsync")}};

}  // namespace

}  // namespace gobench::suites
