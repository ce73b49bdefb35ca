// What is interposed only for the exploration of schedules: calls that let others run, raw system calls that wait, and
// what differs from run to run.
#include <linux/futex.h>
#include <sched.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <ctime>

#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/bytes.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(sched_yield);
GOBENCH_REAL(getrandom);
GOBENCH_REAL(getentropy);
GOBENCH_REAL(get_nprocs);
GOBENCH_REAL_TYPE(_ZNSt13random_device9_M_getvalEv, unsigned(void*));

namespace {

// Where a program asks, so many: enough for it to start several threads, and the same on every machine.
constexpr int processors = 4;

// As the C library's: it takes six arguments whatever was given.
long call_kernel(long number, long a, long b, long c, long d, long e, long f) noexcept {
  register long fourth asm("r10") = d;
  register long fifth asm("r8") = e;
  register long sixth asm("r9") = f;
  long result = number;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
               : "rcx", "r11", "memory");
  if (result >= 0 || result < -4095) return result;
  errno = static_cast<int>(-result);
  return -1;
}

void fill(void* into, std::size_t size) noexcept {
  auto* at = static_cast<char*>(into);
  while (size != 0) {
    const std::uint64_t bits = explore::random_bits();
    const std::size_t piece = size < sizeof bits ? size : sizeof bits;
    bytes::copy(at, &bits, piece);
    at += piece;
    size -= piece;
  }
}

}  // namespace

GOBENCH_INTERPOSED(int, sched_yield, ) {
  if (!explore::controls()) return real_sched_yield();
  explore::yield(GOBENCH_CALLER_PC());
  return 0;
}

GOBENCH_INTERPOSED(long, syscall, long number, long a, long b, long c, long d, long e, long f) {
  if (number == SYS_futex && explore::on && !is_internal()) {
    long result = 0;
    if (explore::futex(b, reinterpret_cast<std::uint32_t*>(a), static_cast<std::uint32_t>(c),
                       reinterpret_cast<const timespec*>(d), result, GOBENCH_CALLER_PC()))
      return result;
  }
  return call_kernel(number, a, b, c, d, e, f);
}

GOBENCH_INTERPOSED(ssize_t, getrandom, void* into, std::size_t size, unsigned flags) {
  if (!explore::controls()) return real_getrandom(into, size, flags);
  fill(into, size);
  return static_cast<ssize_t>(size);
}

GOBENCH_INTERPOSED(int, getentropy, void* into, std::size_t size) {
  if (!explore::controls()) return real_getentropy(into, size);
  fill(into, size);
  return 0;
}

// std::random_device, which may ask the processor.
GOBENCH_INTERPOSED(unsigned, _ZNSt13random_device9_M_getvalEv, void* self) {
  if (!explore::controls()) return real__ZNSt13random_device9_M_getvalEv(self);
  return static_cast<unsigned>(explore::random_bits());
}

// std::thread::hardware_concurrency: the explorer runs the program on one processor.
GOBENCH_INTERPOSED(int, get_nprocs, ) {
  return explore::controls() ? processors : real_get_nprocs();
}

}  // namespace gobench::detector::interpose
