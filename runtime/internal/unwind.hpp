// The stack of a fiber that is off its processor.
#pragma once

#include <boost/context/detail/fcontext.hpp>

#include <cstdint>
#include <vector>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

inline constexpr int most_frames = 64;

// Return addresses of a suspended fiber, innermost first, at most most_frames: from switch_to() to the
// fiber's first function. Empty on machines other than x86-64, and when the saved context does not look as
// Boost.Context is known to write it. Precondition: nobody can resume the fiber meanwhile. Throws
// std::bad_alloc.
std::vector<std::uintptr_t> unwind_suspended(boost::context::detail::fcontext_t context);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
