// Edges, locks and accesses: what runtime/check_hooks.hpp declares of them.
#include "detector/blocking/blocking.hpp"
#include "detector/seam/seam_task.hpp"
#include "runtime/check_hooks.hpp"

namespace {

namespace told = gobench::detector::told;
namespace seam = gobench::detector::seam;
using gobench::detector::address;

// Bit 0: shared; bit 1: tried, or with a deadline.
unsigned flags_of(unsigned how) noexcept {
  unsigned flags = gobench::detector::lock_of_library;
  if ((how & 1) != 0) flags |= gobench::detector::lock_shared;
  if ((how & 2) != 0) flags |= gobench::detector::lock_tried;
  return flags;
}

}  // namespace

#define GOBENCH_PLACE(by) seam::place(by, reinterpret_cast<address>(__builtin_return_address(0)))

extern "C" {

void gobench_check_acquire(const void* object) noexcept {
  if (seam::here().level != seam::silent) told::acquire(object);
}
void gobench_check_release(const void* object) noexcept {
  if (seam::here().level != seam::silent) told::release(object);
}
void gobench_check_release_merge(const void* object) noexcept {
  if (seam::here().level != seam::silent) told::release_merge(object);
}
void gobench_check_transfer(const void* from, const void* to) noexcept {
  if (seam::here().level != seam::silent) told::transfer(from, to);
}
void gobench_check_forget(const void* object) noexcept {
  if (seam::here().level != seam::silent) gobench::detector::forget_object(object);
}

void gobench_check_lock_waited_for(const void* lock, unsigned shared) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent)
    told::lock_waited_for(lock, flags_of(shared), GOBENCH_PLACE(self));
}
void gobench_check_lock_acquired(const void* lock, unsigned how) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent) told::lock_acquired(lock, flags_of(how), GOBENCH_PLACE(self));
}
void gobench_check_lock_released(const void* lock, unsigned shared) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent) told::lock_released(lock, flags_of(shared), GOBENCH_PLACE(self));
}
void gobench_check_lock_destroyed(const void* lock) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent) told::lock_destroyed(lock, GOBENCH_PLACE(self));
}

void gobench_check_channel(const void* channel, unsigned what) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent)
    gobench::detector::blocking::told::channel_used(channel, what, GOBENCH_PLACE(self));
}
void gobench_check_wait_group(const void* group, unsigned what) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent)
    gobench::detector::blocking::told::wait_group_used(group, what, GOBENCH_PLACE(self));
}

void gobench_check_reads(const void* start, std::size_t size) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent) told::read_range(start, size, GOBENCH_PLACE(self));
}
void gobench_check_writes(const void* start, std::size_t size) noexcept {
  const seam::task& self = seam::here();
  if (self.level != seam::silent) told::write_range(start, size, GOBENCH_PLACE(self));
}
void gobench_check_memory_reused(const void* start, std::size_t size) noexcept {
  gobench::detector::forget_range(start, size);
}

}  // extern "C"
