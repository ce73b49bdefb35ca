#include "detector/interpose/modules.hpp"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "detector/engine/options.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector::interpose {
namespace internal {
constinit address program_start = 0;
constinit std::size_t program_size = 0;
}  // namespace internal

namespace {

enum class module_kind : std::uint8_t { judged, standard_library, silent };

struct module {
  address start;
  address end;
  module_kind kind;
};

// Readers look through `count` entries of the list that `current` names. Writers, one at a time, fill the
// other one. A reader that is overtaken twice reads entries that are being written: each field is whole, and
// the answer is right for one of the two lists or "silent".
constexpr std::size_t most = 1024;
struct module_list {
  std::array<std::atomic<address>, most> start;
  std::array<std::atomic<address>, most> end;
  std::array<std::atomic<module_kind>, most> kind;
  std::atomic<std::size_t> count;
};
constinit std::array<module_list, 2> lists{};
constinit std::atomic<unsigned> current{0};
constinit std::atomic<bool> stale{false};
constinit std::atomic_flag writing{};
constinit module own{};

bool same(const char* left, const char* right) noexcept {
  for (; *left == *right; ++left, ++right)
    if (*left == '\0') return true;
  return false;
}

bool starts_with(const char* text, const char* start) noexcept {
  for (; *start != '\0'; ++text, ++start)
    if (*text != *start) return false;
  return true;
}

const char* file_of(const char* path) noexcept {
  const char* file = path;
  for (; *path != '\0'; ++path)
    if (*path == '/') file = path + 1;
  return file;
}

// An instrumented object calls __tsan_init, which it does not define. Undefined symbols come first in a dynamic
// symbol table; the GNU hash table tells where they end.
bool instrumented(const dl_phdr_info& info) noexcept {
  const ElfW(Sym)* symbols = nullptr;
  const char* names = nullptr;
  const std::uint32_t* hash = nullptr;
  for (ElfW(Half) i = 0; i < info.dlpi_phnum; ++i) {
    if (info.dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry =
        reinterpret_cast<const ElfW(Dyn)*>(info.dlpi_addr + info.dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      // The loader has relocated these, but not in the vdso.
      const address value =
          entry->d_un.d_ptr + (entry->d_un.d_ptr < info.dlpi_addr ? info.dlpi_addr : 0);
      if (entry->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(value);
      if (entry->d_tag == DT_STRTAB) names = reinterpret_cast<const char*>(value);
      if (entry->d_tag == DT_GNU_HASH) hash = reinterpret_cast<const std::uint32_t*>(value);
    }
  }
  if (symbols == nullptr || names == nullptr || hash == nullptr) return false;
  const std::uint32_t undefined = hash[1];
  for (std::uint32_t i = 0; i < undefined; ++i)
    if (same(names + symbols[i].st_name, "__tsan_init")) return true;
  return false;
}

int add_module(dl_phdr_info* info, std::size_t, void* into) noexcept {
  auto& list = *static_cast<module_list*>(into);
  module found{~address{0}, 0, module_kind::silent};
  for (ElfW(Half) i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
    const address start = info->dlpi_addr + part.p_vaddr;
    if (start < found.start) found.start = start;
    if (start + part.p_memsz > found.end) found.end = start + part.p_memsz;
  }
  if (found.end == 0) return 0;
  const char* file = file_of(info->dlpi_name == nullptr ? "" : info->dlpi_name);
  const auto here = reinterpret_cast<address>(&find_modules);
  const bool is_own = here - found.start < found.end - found.start;
  if (is_own) own = found;
  // A program without a name is the main one: what is linked into it is taken as instrumented with it.
  if ((is_own && *file == '\0') || instrumented(*info)) {
    found.kind = module_kind::judged;
  } else if (!option_values.ignore_noninstrumented_modules &&
             (starts_with(file, "libstdc++.so") || starts_with(file, "libc++.so"))) {
    found.kind = module_kind::standard_library;
  }
  if (!is_own && report_called_from_library(found.start)) found.kind = module_kind::silent;
  if (is_own && found.kind == module_kind::judged) {
    internal::program_size = found.end - found.start;
    internal::program_start = found.start;
  }
  const std::size_t at = list.count.load(std::memory_order_relaxed);
  if (at == most) return 1;
  // Relaxed, with the release of the count: the one writer; see `lists`.
  list.start[at].store(found.start, std::memory_order_relaxed);
  list.end[at].store(found.end, std::memory_order_relaxed);
  list.kind[at].store(found.kind, std::memory_order_relaxed);
  list.count.store(at + 1, std::memory_order_release);
  return 0;
}

// Relaxed: see `lists`; the acquire of the count pairs with add_module.
bool find(address pc, module_kind& kind) noexcept {
  const module_list& list = lists[current.load(std::memory_order_acquire)];
  const std::size_t count = list.count.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < count; ++i) {
    const address start = list.start[i].load(std::memory_order_relaxed);
    if (pc - start >= list.end[i].load(std::memory_order_relaxed) - start) continue;
    kind = list.kind[i].load(std::memory_order_relaxed);
    return true;
  }
  return false;
}

module_kind kind_of(address pc) noexcept {
  module_kind kind = module_kind::silent;
  // The exchange is rare; relaxed test first: a change that is not seen yet is seen by the next call.
  const bool again =
      stale.load(std::memory_order_relaxed) && stale.exchange(false, std::memory_order_acq_rel);
  if (!again && find(pc, kind)) return kind;
  find_modules();
  find(pc, kind);
  return kind;
}

}  // namespace

bool internal::in_judged_module(address pc) noexcept { return kind_of(pc) != module_kind::silent; }

bool in_own_module(address pc) noexcept { return pc - own.start < own.end - own.start; }

bool in_standard_library(address pc) noexcept {
  return !in_own_module(pc) && kind_of(pc) == module_kind::standard_library;
}

// Code that belongs to no module (made at run time) would look for it at each call: at most once per change.
void find_modules() noexcept {
  const internal_scope inside;
  if (writing.test_and_set(std::memory_order_acquire)) return;  // pairs with the clear below
  static constinit unsigned long long seen = 0;
  unsigned long long now = 0;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* count) {
        *static_cast<unsigned long long*>(count) = info->dlpi_adds + info->dlpi_subs;
        return 1;
      },
      &now);
  if (now != seen) {
    const unsigned next = 1 - current.load(std::memory_order_relaxed);
    lists[next].count.store(0, std::memory_order_relaxed);
    ::dl_iterate_phdr(&add_module, &lists[next]);
    current.store(next, std::memory_order_release);  // pairs with the acquire in find
    seen = now;
  }
  writing.clear(std::memory_order_release);
}

void modules_changed() noexcept { stale.store(true, std::memory_order_release); }

}  // namespace gobench::detector::interpose
