// The ways of keeping tasks apart that have the shape of a lock. A guard runs a critical section:
// exclusive(f) alone, shared(f) beside other readers where it can.
#pragma once

#include <atomic>
#include <cstdint>
#include <gobench.hpp>
#include <mutex>
#include <shared_mutex>
#include <vector>

#include "suites/busy.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites::mutex_vs_chan {

// No protection at all: for one task.
struct unguarded {
  template <class F>
  void exclusive(F&& f) {
    f();
  }
  template <class F>
  void shared(F&& f) {
    f();
  }
};

// A lock whose readers are as exclusive as its writers.
template <class Lock>
class locked {
 public:
  template <class F>
  void exclusive(F&& f) {
    const std::scoped_lock held(lock_);
    f();
  }
  template <class F>
  void shared(F&& f) {
    exclusive(f);
  }

 private:
  alignas(64) Lock lock_;
};

// A read-write lock.
template <class Lock>
class read_write_locked {
 public:
  template <class F>
  void exclusive(F&& f) {
    const std::unique_lock held(lock_);
    f();
  }
  template <class F>
  void shared(F&& f) {
    const std::shared_lock held(lock_);
    f();
  }

 private:
  alignas(64) Lock lock_;
};

// A channel with room for one element: who has put it there holds the lock.
class chan_lock {
 public:
  void lock() { held_.send({}); }
  void unlock() { static_cast<void>(held_.recv()); }

 private:
  chan<unit> held_ = make_chan<unit>(1);
};

// Tasks that do the workload's operations under the guard.
template <class Workload, class Guard, class Carrier = our_tasks>
measurement run_guarded(const point& where, std::uint64_t iterations) {
  using user = typename Workload::user;
  Workload shared(where);
  Guard guard;
  const busy_work hold(where.number("hold_ns"));
  std::vector<user> users;
  for (int task = 0; task < where.tasks; ++task) users.emplace_back(where, task);

  auto taken = measure_team<Carrier>(where, iterations, [&](int task, std::uint64_t count) {
    user& mine = users[static_cast<std::size_t>(task)];
    for (std::uint64_t i = 0; i < count; ++i) {
      const auto wanted = mine.next();
      if (Workload::reads && wanted.read) {
        std::uint64_t found = 0;
        guard.shared([&] {
          found = shared.read(wanted);
          hold();
        });
        mine.saw(found);
      } else {
        guard.exclusive([&] {
          shared.write(wanted);
          hold();
        });
      }
    }
  });
  taken.result = shared.proved(users, where, taken.operations);
  return taken;
}

}  // namespace gobench::suites::mutex_vs_chan
