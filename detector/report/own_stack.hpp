// Reports are made on a stack of their own: libdw and the demangler need more than a fiber may have left.
#pragma once

namespace gobench::detector::reporting {

// Calls `work(argument)`, which must not throw, on a fresh stack of 4 MiB; on the present one if there is no memory
// for it. For one thread at a time.
void on_own_stack(void (*work)(void*), void* argument) noexcept;

}  // namespace gobench::detector::reporting
