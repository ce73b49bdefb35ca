// Semaphores, latches and barriers of the standard library.
#include <barrier>
#include <chrono>
#include <latch>
#include <semaphore>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;
using namespace std::chrono_literals;

struct std_semaphore : race_case {
  std::counting_semaphore<> units{0};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    units.release();
    if (!twin()) value = 1;
  }
  void second() {
    units.acquire();
    seen = value;
  }
};
CORPUS_CASE(std_semaphore, "std::counting_semaphore; a write after release");

struct std_semaphore_acquire_is_no_release : race_case {
  std::counting_semaphore<> units{2};
  long value = 0;
  void first() {
    if (twin()) units.acquire();
    units.acquire();
    value = 1;
    if (twin()) units.release();
  }
  void second() {
    units.acquire();
    value = 2;
  }
};
CORPUS_CASE(std_semaphore_acquire_is_no_release,
            "std::counting_semaphore; two holders of a unit each");

struct std_semaphore_failed_try : race_case {
  static constexpr bool together = true;
  std::binary_semaphore unit{0};
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    unit.release();
  }
  void second() {
    await(1);
    if (unit.try_acquire()) std::abort();
    if (!twin()) seen = value;
    reach(2);
    unit.acquire();
    if (twin()) seen = value;
  }
};
CORPUS_CASE(std_semaphore_failed_try, "std::binary_semaphore::try_acquire that fails");

struct std_semaphore_timed : race_case {
  std::binary_semaphore unit{0};
  std::binary_semaphore other{1};
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    unit.release();
  }
  void second() {
    if (!(twin() ? unit : other).try_acquire_for(60s)) std::abort();
    seen = value;
  }
};
CORPUS_CASE(std_semaphore_timed, "std::binary_semaphore::try_acquire_for; of another semaphore");

struct std_latch : race_case {
  std::latch gate{1};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    gate.count_down();
    if (!twin()) value = 1;
  }
  void second() {
    gate.wait();
    seen = value;
  }
};
CORPUS_CASE(std_latch, "std::latch; a write after count_down");

struct std_latch_counted_by_both : race_case {
  std::latch gate{2};
  long value = 0;
  void first() {
    value = 1;
    gate.count_down();
  }
  void second() {
    gate.count_down();
    if (twin()) gate.wait();
    value = 2;
  }
};
CORPUS_CASE(std_latch_counted_by_both, "std::latch; count_down alone waits for nobody");

struct std_latch_try_wait : race_case {
  static constexpr bool together = true;
  std::latch gate{1};
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    gate.count_down();
    reach(3);
  }
  void second() {
    await(1);
    if (gate.try_wait()) std::abort();
    if (!twin()) seen = value;
    reach(2);
    await(3);
    while (!gate.try_wait()) corpus::pause();
    if (twin()) seen = value;
  }
};
CORPUS_CASE(std_latch_try_wait, "std::latch::try_wait that fails");

struct std_barrier : race_case {
  static constexpr bool together = true;
  std::barrier<> meeting{2};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    meeting.arrive_and_wait();
    if (!twin()) value = 1;
  }
  void second() {
    meeting.arrive_and_wait();
    seen = value;
  }
};
CORPUS_CASE(std_barrier, "std::barrier; a write in the same round as the read");

struct std_barrier_arrive : race_case {
  static constexpr bool together = true;
  std::barrier<> meeting{2};
  long value = 0;
  long seen = 0;
  void first() {
    await(1);
    value = 1;
    static_cast<void>(meeting.arrive());
    reach(2);
  }
  // Arrives first: the arrivals are ordered among themselves as the standard library does it.
  void second() {
    auto token = meeting.arrive();
    reach(1);
    if (twin()) meeting.wait(std::move(token));
    await(2);
    seen = value;
  }
};
CORPUS_CASE(std_barrier_arrive, "std::barrier::arrive without wait");

struct std_barrier_drop : race_case {
  static constexpr bool together = true;
  std::barrier<> meeting{2};
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    meeting.arrive_and_drop();
    if (!twin()) value = 1;
  }
  void second() {
    meeting.arrive_and_wait();
    seen = value;
  }
};
CORPUS_CASE(std_barrier_drop, "std::barrier::arrive_and_drop; a write after it");

}  // namespace
