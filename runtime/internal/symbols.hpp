// What addresses are called in the source.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

struct frame_name {
  std::string function;  // "module+0x1234" when it is not known
  std::string place;     // "file.cpp:12"; empty when it is not known
};

// The frames at each return address, innermost first: several where functions were inlined. Starts binutils'
// addr2line, once for each module, unless GOBENCH_SYMBOLIZER=off; `lines_known` says whether that worked.
// Takes up to a second with a large program. Throws std::bad_alloc.
std::map<std::uintptr_t, std::vector<frame_name>> symbolise(
    std::span<const std::uintptr_t> return_addresses, bool& lines_known);

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
