// The other locks of POSIX threads, in the suites about locks.
//
// std::mutex and std::timed_mutex are its normal mutex, std::shared_mutex and std::shared_timed_mutex its
// read-write lock, in another dress: one of each is in the suites already. The adaptive mutex spins before it
// sleeps; the read-write lock that prefers writers holds back readers while one waits. A spinning lock whose holder has lost its CPU keeps all others busy with waiting: it takes part
// with up to 8 tasks.
#include <pthread.h>

#include <mutex>
#include <vector>

#include "suites/lock_variants.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using mutex_vs_chan::locked;
using mutex_vs_chan::read_write_locked;

// Kind: PTHREAD_MUTEX_NORMAL, ...
template <int Kind>
class posix_mutex {
 public:
  posix_mutex() {
    pthread_mutexattr_t kind;
    ::pthread_mutexattr_init(&kind);
    ::pthread_mutexattr_settype(&kind, Kind);
    ::pthread_mutex_init(&lock_, &kind);
    ::pthread_mutexattr_destroy(&kind);
  }
  posix_mutex(const posix_mutex&) = delete;
  posix_mutex& operator=(const posix_mutex&) = delete;
  ~posix_mutex() { ::pthread_mutex_destroy(&lock_); }
  void lock() { ::pthread_mutex_lock(&lock_); }
  void unlock() { ::pthread_mutex_unlock(&lock_); }

 private:
  pthread_mutex_t lock_;
};

class posix_spinlock {
 public:
  posix_spinlock() { ::pthread_spin_init(&lock_, PTHREAD_PROCESS_PRIVATE); }
  posix_spinlock(const posix_spinlock&) = delete;
  posix_spinlock& operator=(const posix_spinlock&) = delete;
  ~posix_spinlock() { ::pthread_spin_destroy(&lock_); }
  void lock() { ::pthread_spin_lock(&lock_); }
  void unlock() { ::pthread_spin_unlock(&lock_); }

 private:
  pthread_spinlock_t lock_;
};

class writers_first {
 public:
  writers_first() {
    pthread_rwlockattr_t kind;
    ::pthread_rwlockattr_init(&kind);
    ::pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    ::pthread_rwlock_init(&lock_, &kind);
    ::pthread_rwlockattr_destroy(&kind);
  }
  writers_first(const writers_first&) = delete;
  writers_first& operator=(const writers_first&) = delete;
  ~writers_first() { ::pthread_rwlock_destroy(&lock_); }
  void lock() { ::pthread_rwlock_wrlock(&lock_); }
  void unlock() { ::pthread_rwlock_unlock(&lock_); }
  void lock_shared() { ::pthread_rwlock_rdlock(&lock_); }
  void unlock_shared() { ::pthread_rwlock_unlock(&lock_); }

 private:
  pthread_rwlock_t lock_;
};

variant up_to_8_tasks(variant one) {
  one.applies = [besides = one.applies](const point& at) {
    return at.tasks <= 8 && (!besides || besides(at));
  };
  return one;
}

const more_variants in_mutex{
    "mutex",
    {by_counter<locked<std::recursive_mutex>>("std.recursive_mutex", ""),
     by_counter<locked<posix_mutex<PTHREAD_MUTEX_ADAPTIVE_NP>>>("posix.adaptive_mutex", ""),
     up_to_8_tasks(by_counter<locked<posix_spinlock>>("posix.spinlock", "")),
     by_acquire<locked<posix_mutex<PTHREAD_MUTEX_ADAPTIVE_NP>>>("posix.adaptive_mutex", ""),
     up_to_8_tasks(by_acquire<locked<posix_spinlock>>("posix.spinlock", ""))}};

const more_variants in_rwmutex{
    "rwmutex",
    {by_two_numbers<read_write_locked<writers_first>>("posix.rwlock_writers_first", ""),
     by_acquire_of_two<read_write_locked<writers_first>>("posix.rwlock_writers_first", "")}};

}  // namespace

}  // namespace gobench::suites
