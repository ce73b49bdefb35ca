// What blocking calls of the C library become under exploration: the interposed functions call these instead of the real
// ones while explore::controls().
//
// None makes a call that blocks. A lock is tried; where it is held, the thread waits until somebody has given it up, and
// tries again. So who gets it is decided as everything else is. Results and errno are those of the real ones.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

#include <cerrno>

#include "detector/explore/explore.hpp"

namespace gobench::detector::explore {

// `try_once` gives EBUSY while the lock is held.
template <typename Try>
int keep_trying(const void* lock, operation what, std::int64_t deadline, address pc, Try try_once) {
  for (;;) {
    const int result = try_once();
    if (result != EBUSY) return result;
    const wait_end end = wait({.key = lock,
                               .what = what,
                               .then = what,
                               .then_object = lock,
                               .deadline = deadline,
                               .interruptible = false,
                               .pc = pc});
    if (end == wait_end::timed_out) return ETIMEDOUT;
  }
}

// The mutex is given up and locked again, also when the wait is cancelled.
int condition_wait(pthread_cond_t* condition, pthread_mutex_t* mutex, std::int64_t deadline,
                   address pc);
void condition_signalled(pthread_cond_t* condition, address pc) noexcept;
void condition_broadcast(pthread_cond_t* condition) noexcept;

int semaphore_wait(sem_t* semaphore, std::int64_t deadline, address pc);
int barrier_wait(pthread_barrier_t* barrier, address pc) noexcept;
// Runs it, or waits until somebody else has; `run` is called by the C library as it would be.
int once(pthread_once_t* control, void (*run)(), address pc);

int join(pthread_t thread, void** result, std::int64_t deadline, address pc);
int try_join(pthread_t thread, void** result);
int detach(pthread_t thread);

// 0, or EINTR.
int sleep_until(std::int64_t deadline, address pc);

// Before a call that may block on the descriptor; nothing where it cannot. False: a signal has come, and errno is EINTR.
bool await(int fd, short events, address pc);
// All of the bytes, in pieces that do not block, where a blocking write would have written all.
ssize_t write_all(int fd, const void* bytes, std::size_t size, address pc);
int poll_descriptors(pollfd* polled, nfds_t count, std::int64_t deadline, address pc);
// Until a child is there to be waited for, as waitid(what, which) says.
bool await_child(idtype_t what, id_t which, int options, address pc);

// As sigtimedwait(), and pause().
int await_signal(const sigset_t* set, siginfo_t* info, std::int64_t deadline, address pc);
int pause(address pc);

// futex(2), of the operations that wait and wake; false: another one.
bool futex(long operation_and_flags, std::uint32_t* word, std::uint32_t value,
           const timespec* timeout, long& result, address pc);

}  // namespace gobench::detector::explore
