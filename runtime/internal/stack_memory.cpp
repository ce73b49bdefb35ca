#include "runtime/internal/stack_memory.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <new>

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// Guards by mprotect split mappings; leave half of what the kernel allows to the program.
std::atomic<long> mprotect_guards_left{-1};

// Cleared when the kernel refuses a list of ranges, each of which it takes alone.
std::atomic<bool> lists_work{true};

long mapping_budget() noexcept {
  long limit = 65530;
  if (std::FILE* file = std::fopen("/proc/sys/vm/max_map_count", "re")) {
    if (std::fscanf(file, "%ld", &limit) != 1) limit = 65530;
    std::fclose(file);
  }
  return limit / 4;  // a guard costs two mappings
}

bool take_mprotect_budget() noexcept {
  if (mprotect_guards_left.load(std::memory_order_relaxed) < 0) {
    long unknown = -1;
    mprotect_guards_left.compare_exchange_strong(unknown, mapping_budget(),
                                                 std::memory_order_relaxed);
  }
  // Relaxed: a plain counter, nothing is published through it. It stops at zero.
  long left = mprotect_guards_left.load(std::memory_order_relaxed);
  while (left > 0) {
    if (mprotect_guards_left.compare_exchange_weak(left, left - 1, std::memory_order_relaxed))
      return true;
  }
  return false;
}

// How many ranges the kernel has done in one call.
std::size_t advise_list(std::span<iovec> ranges, int advice) noexcept {
  constexpr int this_process =
      -10000;  // PIDFD_SELF, Linux 6.14: nothing to open, and right after fork
  constexpr std::size_t longest_list = 1024;  // IOV_MAX
  ranges = ranges.first(std::min(ranges.size(), longest_list));
  const long bytes =
      ::syscall(SYS_process_madvise, this_process, ranges.data(), ranges.size(), advice, 0U);
  std::size_t done = 0;
  for (long left = bytes; done < ranges.size(); ++done) {
    left -= static_cast<long>(ranges[done].iov_len);
    if (left < 0) break;
  }
  return done;
}

}  // namespace

std::byte* map_stacks(std::size_t bytes) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // A huge page under a stack would commit 2 MiB for a task that needs one page.
  ::madvise(memory, bytes, MADV_NOHUGEPAGE);
  return static_cast<std::byte*>(memory);
}

std::size_t advise(std::span<iovec> ranges, int advice) noexcept {
  std::size_t done = 0;
  while (done < ranges.size()) {
    // Relaxed: whoever does not know yet finds out for itself.
    bool refused = false;
    if (ranges.size() - done > 1 && lists_work.load(std::memory_order_relaxed)) {
      const std::size_t listed = advise_list(ranges.subspan(done), advice);
      done += listed;
      if (done == ranges.size()) break;
      refused = listed == 0;
    }
    // The one at which the list ended, to tell a refused range from a refused list.
    const iovec& one = ranges[done];
    if (::madvise(one.iov_base, one.iov_len, advice) != 0) return done;
    if (refused) lists_work.store(false, std::memory_order_relaxed);
    ++done;
  }
  return done;
}

bool commit(std::byte* from, std::size_t bytes) noexcept {
  if (::madvise(from, bytes, MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;
  // An older kernel.
  for (std::size_t at = 0; at < bytes; at += page_bytes)
    *reinterpret_cast<volatile std::byte*>(from + at) = std::byte{0};
  return true;
}

bool protect_page(std::byte* page) noexcept {
  if (!take_mprotect_budget()) return false;
  if (::mprotect(page, page_bytes, PROT_NONE) == 0) return true;
  forget_protected_page();
  return false;
}

void forget_protected_page() noexcept {
  mprotect_guards_left.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
