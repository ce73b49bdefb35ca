// longjmp and its kin: the functions that are left do not run their exits, so their frames are dropped.
#include <setjmp.h>

#include <bit>

#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(longjmp, void(__jmp_buf_tag*, int));
GOBENCH_REAL_TYPE(_longjmp, void(__jmp_buf_tag*, int));
GOBENCH_REAL_TYPE(siglongjmp, void(__jmp_buf_tag*, int));
GOBENCH_REAL_TYPE(__longjmp_chk, void(__jmp_buf_tag*, int));

namespace {

// The C library keeps rsp in the seventh place, xored with a secret of the thread (at fs:0x30) and then rotated
// left by 17 (sysdeps/x86_64/setjmp.S and its PTR_MANGLE).
address stack_pointer_of(const __jmp_buf_tag& saved) noexcept {
  address secret = 0;
  asm("mov %%fs:0x30, %0" : "=r"(secret));
  return std::rotr(static_cast<address>(saved.__jmpbuf[6]), 17) ^ secret;
}

void leave_frames(const __jmp_buf_tag* to) noexcept {
  if (!is_internal()) unwind_to(stack_pointer_of(*to));
}

}  // namespace

GOBENCH_INTERPOSED(void, longjmp, __jmp_buf_tag* to, int value) {
  leave_frames(to);
  real_longjmp(to, value);
}
GOBENCH_INTERPOSED(void, _longjmp, __jmp_buf_tag* to, int value) {
  leave_frames(to);
  real__longjmp(to, value);
}
GOBENCH_INTERPOSED(void, siglongjmp, __jmp_buf_tag* to, int value) {
  leave_frames(to);
  real_siglongjmp(to, value);
}
GOBENCH_INTERPOSED(void, __longjmp_chk, __jmp_buf_tag* to, int value) {
  leave_frames(to);
  real___longjmp_chk(to, value);
}

}  // namespace gobench::detector::interpose
