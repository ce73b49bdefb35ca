// The C++ runtime: guards of local statics, and the counts of exceptions.
//
// Guards. Our functions are the whole implementation, by the protocol of libstdc++ on Linux, so both may be
// in one process: byte 0 says that the object is made; while it is being made the word is `being_made`, plus `waited_for`
// if somebody sleeps on it (futex). Compiled code tests byte 0 before it calls.
//
// Exceptions. Their count is taken up and down inside libstdc++, unseen. Whoever lets go of an exception is
// ordered before whoever destroys it, which may be any of them: all edges go through the exception's address.
// That orders those who let go among each other, which can hide a race and make none up.
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstddef>
#include <cstdint>

#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(__cxa_end_catch, void());
GOBENCH_REAL_TYPE(__cxa_get_globals_fast, const char**());
GOBENCH_REAL_TYPE(_ZNSt15__exception_ptr13exception_ptr10_M_releaseEv, void(void**));

namespace {

constexpr std::uint32_t made = 1;
constexpr std::uint32_t being_made = 0x100;
constexpr std::uint32_t waited_for = 0x10000;

std::atomic_ref<std::uint32_t> word_of(std::uint64_t* guard) noexcept {
  return std::atomic_ref{*reinterpret_cast<std::uint32_t*>(guard)};
}

void sleep_on(std::uint64_t* guard, std::uint32_t while_it_is) noexcept {
  ::syscall(SYS_futex, guard, FUTEX_WAIT_PRIVATE, while_it_is, nullptr);
}

// Pairs, by its release, with the acquire of the test in compiled code and of `take` below.
void leave(std::uint64_t* guard, std::uint32_t as) noexcept {
  if ((word_of(guard).exchange(as, std::memory_order_acq_rel) & waited_for) != 0)
    ::syscall(SYS_futex, guard, FUTEX_WAKE_PRIVATE, INT_MAX);
}

// True: the caller makes the object.
bool take(std::uint64_t* guard) noexcept {
  const auto word = word_of(guard);
  for (;;) {
    std::uint32_t seen = word.load(std::memory_order_acquire);
    if ((seen & made) != 0) return false;
    if (seen == 0) {
      if (word.compare_exchange_strong(seen, being_made, std::memory_order_acq_rel)) return true;
      continue;
    }
    const std::uint32_t asleep = seen | waited_for;
    if (seen == asleep || word.compare_exchange_strong(seen, asleep, std::memory_order_acq_rel))
      sleep_on(guard, asleep);
  }
}

// What of libstdc++'s exceptions (unwind-cxx.h) is part of its binary interface: offsets from the header of the
// innermost caught exception. One that was rethrown by std::rethrow_exception has a header of its own that
// points to the exception.
constexpr std::size_t handlers_at = 0x28;
constexpr std::size_t class_at = 0x50;
constexpr std::size_t object_at = 0x70;
constexpr std::size_t count_before_header = 0x10;
constexpr std::uint64_t gnu_class = 0x474E5543432B2B00;  // "GNUCC++", last byte 1 for such a header

template <typename Field>
Field field(const char* header, std::size_t at) noexcept {
  return *reinterpret_cast<const Field*>(header + at);
}

// Null if this end of a handler does not let go of an exception.
const void* let_go_by_end_of_handler(const char* header) noexcept {
  if (header == nullptr) return nullptr;
  const auto kind = field<std::uint64_t>(header, class_at);
  if ((kind & ~std::uint64_t{1}) != gnu_class || field<int>(header, handlers_at) != 1)
    return nullptr;
  return kind == gnu_class ? header + object_at : field<const void*>(header, 0);
}

void let_go(const void* exception) noexcept {
  release_merge(exception);
  acquire(exception);
}

// Takes the count down unless it is the last one's.
bool count_down_but_not_to_none(void* exception) noexcept {
  const std::atomic_ref count{
      *reinterpret_cast<int*>(static_cast<char*>(exception) - object_at - count_before_header)};
  int seen = count.load(std::memory_order_relaxed);
  // Pairs with the last one's count, by which it destroys the exception.
  while (seen > 1)
    if (count.compare_exchange_weak(seen, seen - 1, std::memory_order_acq_rel)) return true;
  return false;
}

}  // namespace

GOBENCH_INTERPOSED(int, __cxa_guard_acquire, std::uint64_t* guard) {
  const bool mine = take(guard);
  if (!is_internal()) acquire(guard);
  return mine ? 1 : 0;
}
GOBENCH_INTERPOSED(void, __cxa_guard_release, std::uint64_t* guard) {
  if (!is_internal()) release(guard);
  leave(guard, made);
}
GOBENCH_INTERPOSED(void, __cxa_guard_abort, std::uint64_t* guard) {
  if (!is_internal()) release(guard);
  leave(guard, 0);
}

GOBENCH_INTERPOSED(void, __cxa_end_catch, ) {
  if (!is_internal()) {
    const void* exception = let_go_by_end_of_handler(*real___cxa_get_globals_fast());
    if (exception != nullptr) let_go(exception);
  }
  real___cxa_end_catch();
}

// `self` is an exception_ptr: its only member is the address of the exception. A copy is made by somebody who has
// one, and orders nothing. Only the last to let go takes over what the others did: rethrowing makes a copy and lets go of
// it before anybody has looked at the exception.
GOBENCH_INTERPOSED(void, _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv, void** self) {
  if (*self != nullptr && !is_internal()) {
    release_merge(*self);
    if (count_down_but_not_to_none(*self)) return;
    acquire(*self);
  }
  real__ZNSt15__exception_ptr13exception_ptr10_M_releaseEv(self);
}

}  // namespace gobench::detector::interpose
