// Edges, locks and accesses: what runtime/check_hooks.hpp declares of them.
#include "detector/seam/seam_task.hpp"
#include "runtime/check_hooks.hpp"

namespace {

namespace engine = gobench::detector;
namespace seam = gobench::detector::seam;
using engine::address;

unsigned flags_of(unsigned shared) noexcept {
  return shared != 0 ? engine::lock_shared : engine::lock_exclusive;
}

}  // namespace

#define GOBENCH_PLACE(listens) \
  (listens).place(reinterpret_cast<address>(__builtin_return_address(0)))

extern "C" {

void gobench_check_acquire(const void* object) noexcept {
  if (const seam::listening listens; listens) engine::acquire(object);
}
void gobench_check_release(const void* object) noexcept {
  if (const seam::listening listens; listens) engine::release(object);
}
void gobench_check_release_merge(const void* object) noexcept {
  if (const seam::listening listens; listens) engine::release_merge(object);
}
void gobench_check_transfer(const void* from, const void* to) noexcept {
  if (const seam::listening listens; listens) engine::transfer(from, to);
}
void gobench_check_forget(const void* object) noexcept {
  if (const seam::listening listens; listens) engine::forget_object(object);
}

void gobench_check_lock_waited_for(const void* lock, unsigned shared) noexcept {
  if (const seam::listening listens; listens)
    engine::lock_waited_for(lock, flags_of(shared), GOBENCH_PLACE(listens));
}
void gobench_check_lock_acquired(const void* lock, unsigned shared) noexcept {
  if (const seam::listening listens; listens)
    engine::lock_acquired(lock, flags_of(shared), GOBENCH_PLACE(listens));
}
void gobench_check_lock_released(const void* lock, unsigned shared) noexcept {
  if (const seam::listening listens; listens)
    engine::lock_released(lock, flags_of(shared), GOBENCH_PLACE(listens));
}
void gobench_check_lock_destroyed(const void* lock) noexcept {
  if (const seam::listening listens; listens) engine::lock_destroyed(lock, GOBENCH_PLACE(listens));
}

void gobench_check_reads(const void* start, std::size_t size) noexcept {
  if (const seam::listening listens; listens)
    engine::read_range(start, size, GOBENCH_PLACE(listens));
}
void gobench_check_writes(const void* start, std::size_t size) noexcept {
  if (const seam::listening listens; listens)
    engine::write_range(start, size, GOBENCH_PLACE(listens));
}
void gobench_check_memory_reused(const void* start, std::size_t size) noexcept {
  engine::forget_range(start, size);
}

}  // extern "C"
