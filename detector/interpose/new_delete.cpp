// operator new and delete in all their forms.
#include <cstddef>
#include <new>

#include "detector/interpose/heap.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {
namespace {

// One more try after each call of the program's new handler, as the standard has it.
template <typename Allocate>
void* allocate_or_throw(Allocate allocate) {
  for (;;) {
    if (void* block = allocate(); block != nullptr) [[likely]]
      return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc{};
    handler();
  }
}

void* allocate(std::size_t size, address pc) {
  void* block = heap_allocate(size, pc);
  if (block != nullptr) [[likely]]
    return block;
  return allocate_or_throw([=] { return heap_allocate(size, pc); });
}

void* allocate(std::size_t size, std::size_t alignment, address pc) {
  return allocate_or_throw(
      [=] { return heap_allocate_aligned(alignment < 16 ? 16 : alignment, size, pc); });
}

template <typename... Arguments>
void* or_null(Arguments... arguments) noexcept {
  try {
    return allocate(arguments...);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

#define GOBENCH_PC GOBENCH_CALLER_PC()

// In the order of the C++ ABI's names: n/d new/delete, w/l one/array, a/v with [], m sized, St11align_val_t
// aligned, RKSt9nothrow_t nothrow.
GOBENCH_INTERPOSED(void*, _Znwm, std::size_t size) { return allocate(size, GOBENCH_PC); }
GOBENCH_INTERPOSED(void*, _Znam, std::size_t size) { return allocate(size, GOBENCH_PC); }
GOBENCH_INTERPOSED(void*, _ZnwmRKSt9nothrow_t, std::size_t size, const std::nothrow_t*) {
  return or_null(size, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void*, _ZnamRKSt9nothrow_t, std::size_t size, const std::nothrow_t*) {
  return or_null(size, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void*, _ZnwmSt11align_val_t, std::size_t size, std::size_t alignment) {
  return allocate(size, alignment, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void*, _ZnamSt11align_val_t, std::size_t size, std::size_t alignment) {
  return allocate(size, alignment, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void*, _ZnwmSt11align_val_tRKSt9nothrow_t, std::size_t size,
                   std::size_t alignment, const std::nothrow_t*) {
  return or_null(size, alignment, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void*, _ZnamSt11align_val_tRKSt9nothrow_t, std::size_t size,
                   std::size_t alignment, const std::nothrow_t*) {
  return or_null(size, alignment, GOBENCH_PC);
}

GOBENCH_INTERPOSED(void, _ZdlPv, void* block) { heap_free(block, GOBENCH_PC); }
GOBENCH_INTERPOSED(void, _ZdaPv, void* block) { heap_free(block, GOBENCH_PC); }
GOBENCH_INTERPOSED(void, _ZdlPvm, void* block, std::size_t) { heap_free(block, GOBENCH_PC); }
GOBENCH_INTERPOSED(void, _ZdaPvm, void* block, std::size_t) { heap_free(block, GOBENCH_PC); }
GOBENCH_INTERPOSED(void, _ZdlPvRKSt9nothrow_t, void* block, const std::nothrow_t*) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdaPvRKSt9nothrow_t, void* block, const std::nothrow_t*) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdlPvSt11align_val_t, void* block, std::size_t) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdaPvSt11align_val_t, void* block, std::size_t) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdlPvmSt11align_val_t, void* block, std::size_t, std::size_t) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdaPvmSt11align_val_t, void* block, std::size_t, std::size_t) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdlPvSt11align_val_tRKSt9nothrow_t, void* block, std::size_t,
                   const std::nothrow_t*) {
  heap_free(block, GOBENCH_PC);
}
GOBENCH_INTERPOSED(void, _ZdaPvSt11align_val_tRKSt9nothrow_t, void* block, std::size_t,
                   const std::nothrow_t*) {
  heap_free(block, GOBENCH_PC);
}

}  // namespace gobench::detector::interpose
