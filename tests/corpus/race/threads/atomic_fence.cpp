// Fences: with relaxed atomics around them they order as acquire loads and release stores do.
#include <atomic>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;
constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

struct fence_release : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    if (twin()) std::atomic_thread_fence(release);
    flag.store(1, relaxed);
  }
  void second() {
    while (flag.load(acquire) == 0) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(fence_release, "a release fence before a relaxed store");

struct fence_acquire : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    flag.store(1, release);
  }
  void second() {
    while (flag.load(relaxed) == 0) corpus::pause();
    if (twin()) std::atomic_thread_fence(acquire);
    seen = value;
  }
};
CORPUS_CASE(fence_acquire, "an acquire fence after a relaxed load");

struct fence_both : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    if (twin()) std::atomic_thread_fence(std::memory_order_seq_cst);
    flag.store(1, relaxed);
  }
  void second() {
    while (flag.load(relaxed) == 0) corpus::pause();
    std::atomic_thread_fence(std::memory_order_seq_cst);
    seen = value;
  }
};
CORPUS_CASE(fence_both, "seq_cst fences on both sides of relaxed operations");

struct fence_acq_rel : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    std::atomic_thread_fence(std::memory_order_acq_rel);
    flag.fetch_add(1, relaxed);
  }
  void second() {
    while (flag.fetch_add(0, relaxed) == 0) corpus::pause();
    if (twin()) std::atomic_thread_fence(std::memory_order_acq_rel);
    seen = value;
  }
};
CORPUS_CASE(fence_acq_rel, "acq_rel fences around relaxed read-modify-writes");

struct fence_too_late : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    if (twin()) std::atomic_thread_fence(release);
    flag.store(1, relaxed);
    if (!twin()) std::atomic_thread_fence(release);
  }
  void second() {
    while (flag.load(acquire) == 0) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(fence_too_late, "a release fence after the store");

// The compiler is ordered, the processor and other threads are not.
struct fence_of_a_signal : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    flag.store(1, twin() ? release : relaxed);
  }
  void second() {
    while (flag.load(twin() ? acquire : relaxed) == 0) corpus::pause();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    seen = value;
  }
};
CORPUS_CASE(fence_of_a_signal, "atomic_signal_fence orders no threads");

// An acquire fence publishes nothing and a release fence takes nothing over, whatever atomics are around them.
struct fence_of_wrong_side : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    std::atomic_thread_fence(twin() ? std::memory_order_seq_cst : std::memory_order_acquire);
    flag.store(1, relaxed);
  }
  void second() {
    if (flag.load(relaxed) == 0) std::abort();
    std::atomic_thread_fence(twin() ? std::memory_order_seq_cst : std::memory_order_release);
    seen = value;
  }
};
CORPUS_CASE(fence_of_wrong_side, "fences on the wrong sides of a flag");

struct fence_legacy : race_case {
  std::atomic<int> flag{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    if (twin()) __sync_synchronize();
    flag.store(1, relaxed);
  }
  void second() {
    while (flag.load(relaxed) == 0) corpus::pause();
    __sync_synchronize();
    seen = value;
  }
};
CORPUS_CASE(fence_legacy, "__sync_synchronize on both sides");

}  // namespace
