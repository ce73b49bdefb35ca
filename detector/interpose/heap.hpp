// Allocation on behalf of an interposed function: what malloc, operator new and strdup have in common.
#pragma once

#include <cstddef>

#include "detector/engine/engine.hpp"

namespace gobench::detector::interpose {

// Null and errno if there is no memory.
void* heap_allocate(std::size_t size, address pc) noexcept;
void* heap_allocate_aligned(std::size_t alignment, std::size_t size, address pc) noexcept;
void heap_free(void* block, address pc) noexcept;

}  // namespace gobench::detector::interpose
