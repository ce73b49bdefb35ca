// memcpy and its kin, also as clang 19 calls them and as _FORTIFY_SOURCE does.
//
// Invariants
// - Called from code that is not judged (modules.hpp) or internal, each is a test and a jump to the real one.
// - Nothing here may be compiled into a call of what is defined here: all work is done by the real functions.
//   Before those can be looked up, memory is copied by hand.
#include <cstddef>
#include <cstring>
#include <cwchar>

#include "detector/interpose/bytes.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(memcpy, void*(void*, const void*, std::size_t));
GOBENCH_REAL_TYPE(memmove, void*(void*, const void*, std::size_t));
GOBENCH_REAL_TYPE(memset, void*(void*, int, std::size_t));
GOBENCH_REAL_TYPE(memcmp, int(const void*, const void*, std::size_t));
GOBENCH_REAL_TYPE(memchr, void*(const void*, int, std::size_t));
GOBENCH_REAL_TYPE(memrchr, void*(const void*, int, std::size_t));
GOBENCH_REAL_TYPE(memmem, void*(const void*, std::size_t, const void*, std::size_t));
GOBENCH_REAL_TYPE(rawmemchr, void*(const void*, int));
GOBENCH_REAL_TYPE(__memcpy_chk, void*(void*, const void*, std::size_t, std::size_t));
GOBENCH_REAL_TYPE(__memmove_chk, void*(void*, const void*, std::size_t, std::size_t));
GOBENCH_REAL_TYPE(__memset_chk, void*(void*, int, std::size_t, std::size_t));

namespace {

inline bool silent(address pc) noexcept { return is_internal() || !judged(pc); }

// memcpy and memset may be called while the loader still runs: looking them up would call them again.
template <typename Real, typename ByHand, typename... Arguments>
inline void* early(Real& real, ByHand by_hand, Arguments... arguments) {
  if (real.entry.where.load(std::memory_order_relaxed) == nullptr) [[unlikely]]
    return by_hand(arguments...);
  return real(arguments...);
}

void* copy_by_hand(void* to, const void* from, std::size_t size) noexcept {
  const auto distance = reinterpret_cast<address>(to) - reinterpret_cast<address>(from);
  if (distance >= size) {
    bytes::copy(to, from, size);
  } else {
    auto* target = static_cast<volatile char*>(to);
    const auto* source = static_cast<const volatile char*>(from);
    for (std::size_t i = size; i-- > 0;) target[i] = source[i];
  }
  return to;
}

void* fill_by_hand(void* start, int value, std::size_t size) noexcept {
  bytes::fill(start, value, size);
  return start;
}

inline void* copy(void* to, const void* from, std::size_t size, address pc) noexcept {
  if (!silent(pc) && size != 0) {
    read_range(from, size, pc);
    write_range(to, size, pc);
  }
  return early(real_memmove, copy_by_hand, to, from, size);
}

inline void* fill(void* start, int value, std::size_t size, address pc) noexcept {
  if (!silent(pc) && size != 0) write_range(start, size, pc);
  return early(real_memset, fill_by_hand, start, value, size);
}

std::size_t up_to(const void* start, const void* found, std::size_t size) noexcept {
  if (found == nullptr) return size;
  return static_cast<std::size_t>(static_cast<const char*>(found) -
                                  static_cast<const char*>(start)) +
         1;
}

}  // namespace

// memmove in place of memcpy: compilers copy objects onto themselves with memcpy, and it costs the same.
GOBENCH_INTERPOSED(void*, memcpy, void* to, const void* from, std::size_t size) {
  return copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, memmove, void* to, const void* from, std::size_t size) {
  return copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, mempcpy, void* to, const void* from, std::size_t size) {
  return static_cast<char*>(copy(to, from, size, GOBENCH_CALLER_PC())) + size;
}
GOBENCH_INTERPOSED(void, bcopy, const void* from, void* to, std::size_t size) {
  copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, memset, void* start, int value, std::size_t size) {
  return fill(start, value, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void, bzero, void* start, std::size_t size) {
  fill(start, 0, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void, explicit_bzero, void* start, std::size_t size) {
  fill(start, 0, size, GOBENCH_CALLER_PC());
}

// Called from instrumented code only.
GOBENCH_INTERPOSED(void*, __tsan_memcpy, void* to, const void* from, std::size_t size) {
  return copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, __tsan_memmove, void* to, const void* from, std::size_t size) {
  return copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, __tsan_memset, void* start, int value, std::size_t size) {
  return fill(start, value, size, GOBENCH_CALLER_PC());
}

// The real ones end the program where the target is too small.
GOBENCH_INTERPOSED(void*, __memcpy_chk, void* to, const void* from, std::size_t size,
                   std::size_t room) {
  if (size > room) return real___memcpy_chk(to, from, size, room);
  return copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, __memmove_chk, void* to, const void* from, std::size_t size,
                   std::size_t room) {
  if (size > room) return real___memmove_chk(to, from, size, room);
  return copy(to, from, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(void*, __mempcpy_chk, void* to, const void* from, std::size_t size,
                   std::size_t room) {
  if (size > room) return real___memcpy_chk(to, from, size, room);
  return static_cast<char*>(copy(to, from, size, GOBENCH_CALLER_PC())) + size;
}
GOBENCH_INTERPOSED(void*, __memset_chk, void* start, int value, std::size_t size,
                   std::size_t room) {
  if (size > room) return real___memset_chk(start, value, size, room);
  return fill(start, value, size, GOBENCH_CALLER_PC());
}

// The standard lets memcmp look at all of both ranges, wherever they differ.
GOBENCH_INTERPOSED(int, memcmp, const void* left, const void* right, std::size_t size) {
  const address pc = GOBENCH_CALLER_PC();
  if (!silent(pc) && size != 0) {
    read_range(left, size, pc);
    read_range(right, size, pc);
  }
  return real_memcmp(left, right, size);
}

// Compilers put bcmp (and __memcmpeq) in place of a strcmp whose result is compared with 0, where what is
// behind the first difference may be anybody's.
static int equal(const void* left, const void* right, std::size_t size, address pc) noexcept {
  if (!silent(pc) && size != 0) {
    const auto* one = static_cast<const char*>(left);
    const auto* other = static_cast<const char*>(right);
    std::size_t same = 0;
    while (same < size && one[same] == other[same]) ++same;
    const std::size_t seen = same < size ? same + 1 : size;
    read_range(left, seen, pc);
    read_range(right, seen, pc);
  }
  return real_memcmp(left, right, size);
}
GOBENCH_INTERPOSED(int, bcmp, const void* left, const void* right, std::size_t size) {
  return equal(left, right, size, GOBENCH_CALLER_PC());
}
GOBENCH_INTERPOSED(int, __memcmpeq, const void* left, const void* right, std::size_t size) {
  return equal(left, right, size, GOBENCH_CALLER_PC());
}

GOBENCH_INTERPOSED(void*, memchr, const void* start, int value, std::size_t size) {
  void* found = real_memchr(start, value, size);
  const address pc = GOBENCH_CALLER_PC();
  if (!silent(pc) && size != 0) read_range(start, up_to(start, found, size), pc);
  return found;
}
GOBENCH_INTERPOSED(void*, rawmemchr, const void* start, int value) {
  void* found = real_rawmemchr(start, value);
  const address pc = GOBENCH_CALLER_PC();
  if (!silent(pc)) read_range(start, up_to(start, found, 0), pc);
  return found;
}
GOBENCH_INTERPOSED(void*, memrchr, const void* start, int value, std::size_t size) {
  const address pc = GOBENCH_CALLER_PC();
  if (!silent(pc) && size != 0) read_range(start, size, pc);
  return real_memrchr(start, value, size);
}
GOBENCH_INTERPOSED(void*, memmem, const void* in, std::size_t size, const void* what,
                   std::size_t what_size) {
  const address pc = GOBENCH_CALLER_PC();
  if (!silent(pc)) {
    if (size != 0) read_range(in, size, pc);
    if (what_size != 0) read_range(what, what_size, pc);
  }
  return real_memmem(in, size, what, what_size);
}

}  // namespace gobench::detector::interpose
