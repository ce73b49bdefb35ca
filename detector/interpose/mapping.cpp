// Memory that is mapped, unmapped or replaced: nothing is known of it any more.
//
// What is given back is forgotten before, while nobody else can have it; what is got is forgotten after.
#include <sys/mman.h>
#include <sys/shm.h>

#include <cstdarg>

#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(mmap);
GOBENCH_REAL(munmap);
GOBENCH_REAL_TYPE(mremap, void*(void*, std::size_t, std::size_t, int, void*));
GOBENCH_REAL(madvise);
GOBENCH_REAL(shmat);

namespace {

void* map(void* where, std::size_t size, int protection, int flags, int file, off_t offset) {
  void* got = real_mmap(where, size, protection, flags, file, offset);
  if (got != MAP_FAILED && !is_internal()) forget_range(got, size);
  return got;
}

}  // namespace

GOBENCH_INTERPOSED(void*, mmap, void* where, std::size_t size, int protection, int flags, int file,
                   off_t offset) {
  return map(where, size, protection, flags, file, offset);
}
GOBENCH_INTERPOSED(void*, mmap64, void* where, std::size_t size, int protection, int flags,
                   int file, off_t offset) {
  return map(where, size, protection, flags, file, offset);
}

GOBENCH_INTERPOSED(int, munmap, void* where, std::size_t size) {
  if (!is_internal()) forget_range(where, size);
  return real_munmap(where, size);
}

GOBENCH_INTERPOSED(void*, mremap, void* where, std::size_t old_size, std::size_t size, int flags,
                   ...) {
  void* fixed = nullptr;
  if ((flags & MREMAP_FIXED) != 0) {
    va_list rest;
    va_start(rest, flags);
    fixed = va_arg(rest, void*);
    va_end(rest);
  }
  if (is_internal()) return real_mremap(where, old_size, size, flags, fixed);
  forget_range(where, old_size);
  void* got = real_mremap(where, old_size, size, flags, fixed);
  if (got != MAP_FAILED) forget_range(got, size);
  return got;
}

GOBENCH_INTERPOSED(int, madvise, void* where, std::size_t size, int advice) {
  const bool dropped = advice == MADV_DONTNEED || advice == MADV_FREE || advice == MADV_REMOVE;
  if (dropped && !is_internal()) forget_range(where, size);
  return real_madvise(where, size, advice);
}

GOBENCH_INTERPOSED(void*, shmat, int segment, const void* where, int flags) {
  void* got = real_shmat(segment, where, flags);
  if (is_internal() || got == reinterpret_cast<void*>(-1)) return got;
  shmid_ds about{};
  if (::shmctl(segment, IPC_STAT, &about) == 0) forget_range(got, about.shm_segsz);
  return got;
}

}  // namespace gobench::detector::interpose
