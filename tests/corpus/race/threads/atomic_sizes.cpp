// Atomics of every size and type, and atomic beside plain access.
#include <atomic>
#include <cstdint>

#include "tests/corpus/race/sides.hpp"
#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;
constexpr auto relaxed = std::memory_order_relaxed;
constexpr auto acquire = std::memory_order_acquire;
constexpr auto release = std::memory_order_release;

// The flag of a message, of a type.
template <class T>
struct flag_of : race_case {
  std::atomic<T> flag{T{}};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    if (twin()) {
      flag.store(raised(), release);
    } else {
      flag.store(raised(), relaxed);
    }
  }
  void second() {
    while (flag.load(acquire) != raised()) corpus::pause();
    seen = value;
  }
  static T raised() {
    if constexpr (std::is_pointer_v<T>) {
      return reinterpret_cast<T>(std::uintptr_t{16});
    } else {
      return static_cast<T>(1);
    }
  }
};

enum class colour : unsigned char { none, red };

struct atomic_bool : flag_of<bool> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_bool, "std::atomic<bool>, a relaxed store");
struct atomic_1_byte : flag_of<std::uint8_t> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_1_byte, "an atomic of 1 byte, a relaxed store");
struct atomic_2_bytes : flag_of<std::uint16_t> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_2_bytes, "an atomic of 2 bytes, a relaxed store");
struct atomic_4_bytes : flag_of<std::uint32_t> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_4_bytes, "an atomic of 4 bytes, a relaxed store");
struct atomic_8_bytes : flag_of<std::uint64_t> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_8_bytes, "an atomic of 8 bytes, a relaxed store");
struct atomic_pointer : flag_of<long*> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_pointer, "an atomic pointer, a relaxed store");
struct atomic_enum : flag_of<colour> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_enum, "an atomic enumeration, a relaxed store");
struct atomic_double : flag_of<double> {
  CORPUS_SIDES(flag_of)
};
CORPUS_CASE(atomic_double, "an atomic double, a relaxed store");

// Atomic operations on one object never race with each other, of whatever order; with a plain one they do.
template <class T>
struct beside_plain : race_case {
  alignas(16) T value{};
  void first() { __atomic_store_n(&value, T{1}, __ATOMIC_RELEASE); }
  void second() {
    if (twin()) {
      __atomic_store_n(&value, T{2}, __ATOMIC_RELAXED);
    } else {
      value = T{2};
    }
  }
};

struct atomic_beside_plain_1 : beside_plain<std::uint8_t> {
  CORPUS_SIDES(beside_plain)
};
CORPUS_CASE(atomic_beside_plain_1, "an atomic store beside a plain one, 1 byte");
struct atomic_beside_plain_2 : beside_plain<std::uint16_t> {
  CORPUS_SIDES(beside_plain)
};
CORPUS_CASE(atomic_beside_plain_2, "an atomic store beside a plain one, 2 bytes");
struct atomic_beside_plain_4 : beside_plain<std::uint32_t> {
  CORPUS_SIDES(beside_plain)
};
CORPUS_CASE(atomic_beside_plain_4, "an atomic store beside a plain one, 4 bytes");
struct atomic_beside_plain_8 : beside_plain<std::uint64_t> {
  CORPUS_SIDES(beside_plain)
};
CORPUS_CASE(atomic_beside_plain_8, "an atomic store beside a plain one, 8 bytes");

struct atomic_read_beside_plain_write : race_case {
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) {
      __atomic_store_n(&value, 1, __ATOMIC_SEQ_CST);
    } else {
      value = 1;
    }
  }
  void second() { seen = __atomic_load_n(&value, __ATOMIC_SEQ_CST); }
};
CORPUS_CASE(atomic_read_beside_plain_write, "a plain write, then an atomic read");

struct atomic_write_beside_plain_read : race_case {
  long value = 0;
  long seen = 0;
  void first() { __atomic_fetch_add(&value, 1, __ATOMIC_SEQ_CST); }
  void second() { seen = twin() ? __atomic_load_n(&value, __ATOMIC_RELAXED) : value; }
};
CORPUS_CASE(atomic_write_beside_plain_read, "an atomic fetch_add, then a plain read");

// Reading is not writing: an atomic load beside a plain read is no race.
struct atomic_read_beside_plain_read : race_case {
  long value = 0;
  long seen = 0;
  long also_seen = 0;
  void first() { seen = value; }
  void second() {
    if (twin()) {
      also_seen = __atomic_load_n(&value, __ATOMIC_RELAXED);
    } else {
      __atomic_exchange_n(&value, 2, __ATOMIC_RELAXED);
    }
  }
};
CORPUS_CASE(atomic_read_beside_plain_read,
            "a plain read, then an atomic exchange; a load in the twin");

// A failed compare_exchange only reads.
struct atomic_failure_beside_plain : race_case {
  long value = 0;
  long seen = 0;
  void first() { seen = value; }
  void second() {
    long expected = twin() ? -1 : 0;
    __atomic_compare_exchange_n(&value, &expected, 5, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  }
};
CORPUS_CASE(atomic_failure_beside_plain,
            "a plain read, then a compare_exchange; it fails in the twin");

// Half of an atomic is another object.
struct atomic_half : race_case {
  union {
    std::uint64_t whole = 0;
    std::uint32_t halves[2];
    std::uint64_t aside[2];
  };
  std::uint32_t seen = 0;
  void first() { __atomic_store_n(&whole, 1, __ATOMIC_RELEASE); }
  void second() { seen = twin() ? static_cast<std::uint32_t>(aside[1]) : halves[1]; }
};
CORPUS_CASE(atomic_half, "a plain read of half of what is stored atomically");

// volatile says nothing about threads.
struct volatile_flag : race_case {
  volatile int flag = 0;
  std::atomic<int> real_flag{0};
  void first() {
    if (twin()) {
      real_flag.store(1, release);
    } else {
      flag = 1;
    }
  }
  void second() {
    while ((twin() ? real_flag.load(acquire) : flag) == 0) corpus::pause();
  }
};
CORPUS_CASE(volatile_flag, "a volatile flag");

struct atomic_struct_of_16 : race_case {
  struct pair {
    std::int64_t a;
    std::int64_t b;
  };
  std::atomic<pair> both{};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    both.store(pair{1, 1}, twin() ? release : relaxed);
  }
  void second() {
    while (both.load(twin() ? acquire : relaxed).a == 0) corpus::pause();
    seen = value;
  }
};
CORPUS_CASE(atomic_struct_of_16, "an atomic of 16 bytes, relaxed (libatomic)");

// Increments of floating-point numbers are loops of compare_exchange.
struct atomic_float_add : race_case {
  std::atomic<float> sum{0};
  alignas(64) long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    sum.fetch_add(1.0F, twin() ? release : relaxed);
  }
  void second() {
    if (sum.load(acquire) == 0) std::abort();
    seen = value;
  }
};
CORPUS_CASE(atomic_float_add, "std::atomic<float>::fetch_add, relaxed");

}  // namespace
