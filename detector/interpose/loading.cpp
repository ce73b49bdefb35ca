// dlopen and dlclose: a library's initialisers are before every dlopen that returns it, and its data is nothing
// to what is mapped there later.
#include <dlfcn.h>
#include <link.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "detector/engine/recording.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(dlopen);
GOBENCH_REAL(dlclose);

namespace {

// Handles stand for the libraries, by address; two that share a place share their edges.
constinit std::array<std::uint64_t, 512> edges{};

const void* edge_of(const void* handle) noexcept {
  const auto mixed = (reinterpret_cast<address>(handle) >> 4) * 0x9E3779B97F4A7C15u;
  return &edges[(mixed >> 56) * 2];
}

struct data_ranges {
  address load_address;
  std::size_t count;
  struct range {
    const void* start;
    std::size_t size;
  };
  std::array<range, 8> ranges;
  unsigned long long unloaded;  // modules so far
};

int find_data(dl_phdr_info* info, std::size_t, void* into) noexcept {
  auto& found = *static_cast<data_ranges*>(into);
  found.unloaded = info->dlpi_subs;
  if (info->dlpi_addr != found.load_address) return 0;
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) == 0 || found.count == found.ranges.size())
      continue;
    found.ranges[found.count++] = {reinterpret_cast<const void*>(info->dlpi_addr + part.p_vaddr),
                                   part.p_memsz};
  }
  return 0;
}

void library_list_changed() noexcept {
  const internal_scope inside;
  report_modules_changed();
  recording::modules_changed();
}

}  // namespace

// A library that calls dlopen finds others by its own search path, which the C library takes from the return
// address: such a call is passed on by a jump.
GOBENCH_INTERPOSED(void*, dlopen, const char* file, int mode) {
  if (is_internal() || !in_own_module(GOBENCH_CALLER_PC())) return real_dlopen(file, mode);
  const function_scope here{GOBENCH_CALLER_PC()};
  void* handle = real_dlopen(file, mode);
  if (handle == nullptr) return handle;
  library_list_changed();
  release_merge(edge_of(handle));
  acquire(edge_of(handle));
  return handle;
}

GOBENCH_INTERPOSED(int, dlclose, void* handle) {
  if (is_internal() || handle == nullptr) return real_dlclose(handle);
  const function_scope here{GOBENCH_CALLER_PC()};
  data_ranges data{};
  data.load_address = static_cast<const link_map*>(handle)->l_addr;
  ::dl_iterate_phdr(&find_data, &data);
  const unsigned long long before = data.unloaded;
  release_merge(edge_of(handle));
  acquire(edge_of(handle));  // its destructors run now, after all who let go of it
  const int failed = real_dlclose(handle);
  data_ranges after{};
  ::dl_iterate_phdr(&find_data, &after);
  if (failed != 0 || after.unloaded == before) return failed;
  for (std::size_t i = 0; i < data.count; ++i)
    forget_range(data.ranges[i].start, data.ranges[i].size);
  modules_changed();
  library_list_changed();
  return failed;
}

}  // namespace gobench::detector::interpose
