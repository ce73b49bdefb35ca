// Code with hooks of every kind in it, compiled three times for compare_machine_code: as it is, with
// GOBENCH_WITHOUT_HOOKS, and with GOBENCH_TEST_CONTROL as an example of what the comparison must notice.
#include <mutex>
#include <shared_mutex>

#include "primitives/condition_variable.hpp"
#include "primitives/event.hpp"
#include "primitives/mcs_mutex.hpp"
#include "primitives/mutex.hpp"
#include "primitives/once.hpp"
#include "primitives/semaphore.hpp"
#include "primitives/shared_mutex.hpp"
#include "primitives/spin_mutex.hpp"
#include "primitives/ticket_mutex.hpp"
#include "primitives/wait_group.hpp"

// The slow paths as well: a hook in them could change how they are laid out.
#include "primitives/event.cpp"
#include "primitives/mutex.cpp"
#include "primitives/semaphore.cpp"
#include "primitives/spin_mutex.cpp"

extern "C" {

#if defined(GOBENCH_TEST_CONTROL)
void hook_that_does_something(const void* object);
#endif

void hot_mutex(gobench::mutex& m, long& counter) {
  m.lock();
#if defined(GOBENCH_TEST_CONTROL)
  hook_that_does_something(&m);
#endif
  ++counter;
  m.unlock();
}

bool hot_try_lock(gobench::mutex& m) { return m.try_lock(); }

void hot_shared_mutex(gobench::shared_mutex& m, long& counter, long& copy) {
  {
    const std::scoped_lock writing(m);
    ++counter;
  }
  const std::shared_lock reading(m);
  copy = counter;
}

void hot_spinning(gobench::spin_mutex& a, gobench::ticket_mutex& b, gobench::mcs_mutex& c) {
  const std::scoped_lock first(a);
  const std::scoped_lock second(b);
  const std::scoped_lock third(c);
}

void hot_semaphore(gobench::semaphore& s) {
  s.acquire();
  s.release();
}

void hot_wait_group(gobench::wait_group& group) {
  group.done();
  group.wait();
}

bool hot_event(gobench::event& e) {
  e.set();
  return e.is_set();
}

void hot_once(gobench::once& once, long& counter) {
  once.call([&] { ++counter; });
}

void hot_wait(gobench::condition_variable& changed, std::unique_lock<gobench::mutex>& held) {
  changed.wait(held);
}
}
