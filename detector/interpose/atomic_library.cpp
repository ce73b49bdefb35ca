// libatomic: what compilers call for atomic objects that they have no instructions for, mostly of 16 bytes.
//
// These are the whole implementation, so that a program is the same whether or not the linker has found a use for
// libatomic. Sizes that the hardware can do go where instrumented atomics go (engine/abi_atomic.cpp), by the same
// instructions that libatomic uses, so an object may be shared with code that calls the real one. Others are done under
// a lock chosen by their address; such an object must not be shared with a library that brings libatomic's locks.
#include <cstddef>
#include <cstdint>

#include "detector/engine/engine.hpp"
#include "detector/engine/spin_lock.hpp"
#include "detector/interpose/bytes.hpp"
#include "detector/interpose/real.hpp"

__extension__ using wide = unsigned __int128;

extern "C" {
#define GOBENCH_DECLARE(bits, type)                               \
  type __tsan_atomic##bits##_load(const volatile type*, int);     \
  void __tsan_atomic##bits##_store(volatile type*, type, int);    \
  type __tsan_atomic##bits##_exchange(volatile type*, type, int); \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile type*, type*, type, int, int);
GOBENCH_DECLARE(8, std::uint8_t)
GOBENCH_DECLARE(16, std::uint16_t)
GOBENCH_DECLARE(32, std::uint32_t)
GOBENCH_DECLARE(64, std::uint64_t)
GOBENCH_DECLARE(128, wide)
}

namespace gobench::detector::interpose {
namespace {

constinit spin_lock locks[64];

class object_lock {
 public:
  explicit object_lock(const volatile void* object) noexcept
      : lock_(locks[(reinterpret_cast<std::uintptr_t>(object) >> 4) % 64]) {
    lock_.lock();
  }
  ~object_lock() { lock_.unlock(); }
  object_lock(const object_lock&) = delete;
  object_lock& operator=(const object_lock&) = delete;

 private:
  internal_scope inside_;
  spin_lock& lock_;
};

void* plain(const volatile void* p) noexcept { return const_cast<void*>(p); }

bool is_aligned(const volatile void* p, std::size_t size) noexcept {
  return reinterpret_cast<std::uintptr_t>(p) % size == 0;
}

bool same_bytes(const void* one, const void* other, std::size_t size) noexcept {
  const auto* a = static_cast<const unsigned char*>(one);
  const auto* b = static_cast<const unsigned char*>(other);
  for (std::size_t i = 0; i != size; ++i)
    if (a[i] != b[i]) return false;
  return true;
}

template <typename T>
T value_at(const void* p) noexcept {
  T value;
  bytes::copy(&value, p, sizeof value);
  return value;
}

}  // namespace

// Calls f with the size as bits and type, and returns; falls through where there is no instruction.
#define GOBENCH_BY_SIZE(f)                                                                    \
  if (size != 0 && (size & (size - 1)) == 0 && size <= 16 && is_aligned(object, size)) {      \
    switch (size) {                                                                           \
      case 1:                                                                                 \
        f(8, std::uint8_t) case 2 : f(16, std::uint16_t) case 4 : f(32, std::uint32_t) case 8 \
            : f(64, std::uint64_t) case 16 : f(128, wide)                                     \
    }                                                                                         \
  }

GOBENCH_INTERPOSED(void, __atomic_load, std::size_t size, const volatile void* object, void* into,
                   int order) {
#define GOBENCH_LOAD(bits, type)                                                      \
  {                                                                                   \
    const type value =                                                                \
        __tsan_atomic##bits##_load(static_cast<const volatile type*>(object), order); \
    return bytes::copy(into, &value, sizeof value), void();                           \
  }
  GOBENCH_BY_SIZE(GOBENCH_LOAD) {
    const object_lock guard(object);
    bytes::copy(into, plain(object), size);
  }
  acquire(plain(object));
}

GOBENCH_INTERPOSED(void, __atomic_store, std::size_t size, volatile void* object, void* from,
                   int order) {
#define GOBENCH_STORE(bits, type)                                                               \
  return __tsan_atomic##bits##_store(static_cast<volatile type*>(object), value_at<type>(from), \
                                     order);
  GOBENCH_BY_SIZE(GOBENCH_STORE)
  release_merge(plain(object));
  const object_lock guard(object);
  bytes::copy(plain(object), from, size);
}

GOBENCH_INTERPOSED(void, __atomic_exchange, std::size_t size, volatile void* object, void* from,
                   void* into, int order) {
#define GOBENCH_EXCHANGE(bits, type)                                                       \
  {                                                                                        \
    const type value = __tsan_atomic##bits##_exchange(static_cast<volatile type*>(object), \
                                                      value_at<type>(from), order);        \
    return bytes::copy(into, &value, sizeof value), void();                                \
  }
  GOBENCH_BY_SIZE(GOBENCH_EXCHANGE)
  release_merge(plain(object));
  {
    const object_lock guard(object);
    bytes::copy(into, plain(object), size);
    bytes::copy(plain(object), from, size);
  }
  acquire(plain(object));
}

GOBENCH_INTERPOSED(bool, __atomic_compare_exchange, std::size_t size, volatile void* object,
                   void* expected, void* desired, int order, int failed) {
#define GOBENCH_SWAP(bits, type)                                                                \
  {                                                                                             \
    type value = value_at<type>(expected);                                                      \
    const bool done = __tsan_atomic##bits##_compare_exchange_strong(                            \
                          static_cast<volatile type*>(object), &value, value_at<type>(desired), \
                          order, failed) != 0;                                                  \
    if (!done) bytes::copy(expected, &value, sizeof value);                                     \
    return done;                                                                                \
  }
  GOBENCH_BY_SIZE(GOBENCH_SWAP)
  release_merge(plain(object));
  bool done = false;
  {
    const object_lock guard(object);
    done = same_bytes(plain(object), expected, size);
    if (done)
      bytes::copy(plain(object), desired, size);
    else
      bytes::copy(expected, plain(object), size);
  }
  acquire(plain(object));
  return done;
}

GOBENCH_INTERPOSED(wide, __atomic_load_16, const volatile void* object, int order) {
  return __tsan_atomic128_load(static_cast<const volatile wide*>(object), order);
}
GOBENCH_INTERPOSED(void, __atomic_store_16, volatile void* object, wide value, int order) {
  __tsan_atomic128_store(static_cast<volatile wide*>(object), value, order);
}
GOBENCH_INTERPOSED(wide, __atomic_exchange_16, volatile void* object, wide value, int order) {
  return __tsan_atomic128_exchange(static_cast<volatile wide*>(object), value, order);
}
GOBENCH_INTERPOSED(bool, __atomic_compare_exchange_16, volatile void* object, void* expected,
                   wide desired, int order, int failed) {
  return interposed___atomic_compare_exchange(16, object, expected, &desired, order, failed);
}

}  // namespace gobench::detector::interpose
