// Which memory orders of which atomic operations order what.
#include <atomic>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;
using std::memory_order;
constexpr memory_order relaxed = std::memory_order_relaxed;
constexpr memory_order acquire = std::memory_order_acquire;
constexpr memory_order release = std::memory_order_release;
constexpr memory_order acq_rel = std::memory_order_acq_rel;
constexpr memory_order seq_cst = std::memory_order_seq_cst;

// A message: a plain value, and a flag that says it is there. The orders are constants, so that what is
// tested is what compilers make of them.
template <auto Store, auto Load>
struct message : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    Store(flag, twin());
  }
  void second() {
    while (Load(flag, twin()) != 1) corpus::pause();
    seen = value;
  }
};

template <memory_order Racy, memory_order Twin>
constexpr auto store = [](std::atomic<int>& flag, bool twin) {
  if (twin) {
    flag.store(1, Twin);
  } else {
    flag.store(1, Racy);
  }
};
template <memory_order Racy, memory_order Twin>
constexpr auto load =
    [](std::atomic<int>& flag, bool twin) { return twin ? flag.load(Twin) : flag.load(Racy); };

struct atomic_relaxed_store : message<store<relaxed, release>, load<acquire, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_relaxed_store, "a relaxed store, seen by an acquire load");

struct atomic_relaxed_load : message<store<release, release>, load<relaxed, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_relaxed_load, "a release store, seen by a relaxed load");

struct atomic_relaxed_both : message<store<relaxed, seq_cst>, load<relaxed, seq_cst>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_relaxed_both, "relaxed store and load; in the twin both are seq_cst");

struct atomic_seq_cst_store_relaxed_load
    : message<store<seq_cst, seq_cst>, load<relaxed, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_seq_cst_store_relaxed_load, "a seq_cst store, seen by a relaxed load");

struct atomic_consume : message<store<release, release>, load<relaxed, std::memory_order_consume>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_consume, "a consume load, which compilers make an acquire");

template <memory_order Racy, memory_order Twin>
constexpr auto exchange = [](std::atomic<int>& flag, bool twin) {
  return twin ? flag.exchange(1, Twin) : flag.exchange(1, Racy);
};
template <memory_order Racy, memory_order Twin>
constexpr auto add = [](std::atomic<int>& flag, bool twin) {
  return twin ? flag.fetch_add(1, Twin) : flag.fetch_add(1, Racy);
};
template <memory_order Racy, memory_order Twin>
constexpr auto add_nothing = [](std::atomic<int>& flag, bool twin) {
  return twin ? flag.fetch_add(0, Twin) : flag.fetch_add(0, Racy);
};
template <memory_order Racy, memory_order Twin>
constexpr auto or_one = [](std::atomic<int>& flag, bool twin) {
  return twin ? flag.fetch_or(1, Twin) : flag.fetch_or(1, Racy);
};
template <memory_order Racy, memory_order Twin>
constexpr auto or_nothing = [](std::atomic<int>& flag, bool twin) {
  return twin ? flag.fetch_or(0, Twin) : flag.fetch_or(0, Racy);
};
template <memory_order Racy, memory_order Twin>
constexpr auto replace = [](std::atomic<int>& flag, bool twin) {
  int expected = 0;
  if (!(twin ? flag.compare_exchange_strong(expected, 1, Twin, relaxed)
             : flag.compare_exchange_strong(expected, 1, Racy, relaxed)))
    std::abort();
};
// Compares with what is not there.
template <memory_order Racy, memory_order Twin>
constexpr auto fail_to_replace = [](std::atomic<int>& flag, bool twin) {
  int expected = -1;
  const bool replaced = twin ? flag.compare_exchange_strong(expected, -2, seq_cst, Twin)
                             : flag.compare_exchange_strong(expected, -2, seq_cst, Racy);
  if (replaced) std::abort();
  return expected;
};
template <memory_order Racy, memory_order Twin>
constexpr auto fail_weakly = [](std::atomic<int>& flag, bool twin) {
  int expected = -1;
  const bool replaced = twin ? flag.compare_exchange_weak(expected, -2, acq_rel, Twin)
                             : flag.compare_exchange_weak(expected, -2, acq_rel, Racy);
  if (replaced) std::abort();
  return expected;
};

struct atomic_exchange_release : message<exchange<relaxed, release>, load<acquire, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_exchange_release, "a relaxed exchange, seen by an acquire load");

struct atomic_exchange_acquire : message<store<release, release>, exchange<relaxed, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_exchange_acquire, "a release store, seen by a relaxed exchange");

struct atomic_exchange_release_only : message<store<release, release>, exchange<release, acq_rel>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_exchange_release_only,
            "a release store, seen by an exchange that only releases");

struct atomic_fetch_add : message<add<relaxed, release>, add_nothing<acquire, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_fetch_add, "a relaxed fetch_add, seen by one that acquires");

struct atomic_fetch_add_acquire_only : message<add<acquire, acq_rel>, load<acquire, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_fetch_add_acquire_only, "a fetch_add that only acquires");

struct atomic_fetch_or : message<or_one<relaxed, seq_cst>, or_nothing<relaxed, seq_cst>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_fetch_or, "relaxed fetch_or on both sides");

struct atomic_compare_exchange : message<replace<relaxed, release>, load<acquire, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_compare_exchange, "a compare_exchange that succeeds without release");

struct atomic_failed_compare_exchange
    : message<store<release, release>, fail_to_replace<relaxed, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_failed_compare_exchange,
            "the order of a failed compare_exchange_strong is that of a failure");

struct atomic_failed_compare_exchange_weak
    : message<store<release, release>, fail_weakly<relaxed, acquire>> {
  CORPUS_SIDES(message)
};
CORPUS_CASE(atomic_failed_compare_exchange_weak,
            "the order of a failed compare_exchange_weak is that of a failure");

// A failed exchange does not release either, whatever its order of success.
struct atomic_failure_releases_nothing : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    int expected = twin() ? 0 : -1;
    static_cast<void>(flag.compare_exchange_strong(expected, 0, acq_rel, acquire));
  }
  void second() {
    if (flag.load(acquire) != 0) std::abort();
    seen = value;
  }
};
CORPUS_CASE(atomic_failure_releases_nothing, "a failed compare_exchange releases nothing");

// Release, then relaxed read-modify-writes of others: the last of them still carries the release.
struct atomic_release_sequence : race_case {
  static constexpr bool together = true;
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    flag.store(1, release);
    reach(1);
  }
  void between() {
    await(1);
    if (twin()) {
      flag.fetch_add(1, relaxed);
    } else {
      flag.store(2, relaxed);  // by another thread: the sequence ends
    }
  }
  void second() {
    std::thread third([this] { between(); });
    // Relaxed, for it may see the 1 that was released.
    while (flag.load(relaxed) != 2) corpus::pause();
    if (flag.load(acquire) != 2) std::abort();
    seen = value;
    third.join();
  }
};
CORPUS_CASE(atomic_release_sequence, "a relaxed store by another thread ends a release sequence");

// The same with two read-modify-writes in between, neither of which acquires or releases.
struct atomic_release_sequence_of_many : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  int before = 0;
  void first() {
    value = 1;
    if (twin()) {
      flag.fetch_add(1, release);
    } else {
      flag.fetch_add(1, relaxed);
    }
  }
  void second() {
    std::thread third([this] { flag.fetch_add(1, relaxed); });
    // clang 14 makes a store, which would end the sequence, of an exchange whose result nobody uses.
    std::thread fourth([this] { before = flag.exchange(flag.load(relaxed) + 1, relaxed); });
    third.join();
    fourth.join();
    if (flag.load(acquire) == 0) std::abort();
    seen = value;
  }
};
CORPUS_CASE(atomic_release_sequence_of_many, "a release sequence through two other threads");

// A chain: each acquires what the one before released, on another atomic.
struct atomic_chain : race_case {
  static constexpr bool together = true;
  std::atomic<int> one{0};
  std::atomic<int> other{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    one.store(1, release);
  }
  void between() {
    while ((twin() ? one.load(acquire) : one.load(relaxed)) == 0) corpus::pause();
    other.store(1, release);
  }
  void second() {
    std::thread third([this] { between(); });
    while (other.load(acquire) == 0) corpus::pause();
    seen = value;
    third.join();
  }
};
CORPUS_CASE(atomic_chain, "a chain of two atomics, one link relaxed");

struct atomic_other_variable : race_case {
  std::atomic<int> one{0};
  std::atomic<int> other{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    one.store(1, release);
    if (twin()) other.store(1, release);
  }
  void second() {
    other.load(acquire);
    seen = value;
  }
};
CORPUS_CASE(atomic_other_variable, "a release and an acquire of different atomics");

struct atomic_store_too_early : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    flag.store(1, release);
    if (!twin()) value = 1;
  }
  void second() {
    while (flag.load(acquire) == 0) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(atomic_store_too_early, "a write after the release store");

// Two increments, one of them plain.
struct atomic_counter : race_case {
  std::atomic<long> counted{0};
  long plain = 0;
  void first() { count(); }
  void second() { count(); }
  void count() {
    if (twin()) {
      counted.fetch_add(1, relaxed);
    } else {
      ++plain;
    }
  }
};
CORPUS_CASE(atomic_counter, "an increment that is not atomic");

struct atomic_spin_lock : race_case {
  std::atomic_flag busy;
  alignas(64) long value = 0;
  void first() {
    while (busy.test_and_set(acquire)) corpus::pause();
    value = 1;
    busy.clear(twin() ? release : relaxed);
  }
  void second() {
    while (busy.test_and_set(acquire)) corpus::pause();
    value = 2;
    busy.clear(release);
  }
};
CORPUS_CASE(atomic_spin_lock, "a spin lock of atomic_flag whose clear is relaxed");

struct atomic_flag_test : race_case {
  std::atomic_flag ready;
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    ready.test_and_set(release);
  }
  void second() {
    while (!ready.test(twin() ? acquire : relaxed)) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(atomic_flag_test, "atomic_flag::test that is relaxed");

struct atomic_wait_notify : race_case {
  static constexpr bool together = true;
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    await(1);
    value = 1;
    flag.store(1, release);
    flag.notify_all();
  }
  void second() {
    reach(1);
    flag.wait(0, twin() ? acquire : relaxed);
    while (flag.load(relaxed) == 0) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(atomic_wait_notify, "std::atomic::wait that is relaxed");

struct atomic_legacy_sync : race_case {
  int lock = 0;
  alignas(64) long value = 0;
  void first() {
    while (__sync_lock_test_and_set(&lock, 1) != 0) corpus::pause();
    value = 1;
    __sync_lock_release(&lock);
  }
  void second() {
    if (twin()) {
      while (__sync_lock_test_and_set(&lock, 1) != 0) corpus::pause();
    }
    value = 2;
    if (twin()) __sync_lock_release(&lock);
  }
};
CORPUS_CASE(atomic_legacy_sync, "__sync_lock_test_and_set; one side does without");

struct atomic_reference : race_case {
  int flag = 0;
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    std::atomic_ref(flag).store(1, release);
  }
  void second() {
    while (std::atomic_ref(flag).load(twin() ? acquire : relaxed) == 0) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(atomic_reference, "std::atomic_ref; a relaxed load");

}  // namespace
