#include "detector/interpose/real.hpp"

#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "detector/interpose/bytes.hpp"

extern "C" {
// Made by the linker for a section whose name is an identifier.
[[gnu::visibility(
    "hidden")]] extern gobench::detector::interpose::real_entry* __start_gobench_reals[];
[[gnu::visibility(
    "hidden")]] extern gobench::detector::interpose::real_entry* __stop_gobench_reals[];
}

namespace gobench::detector::interpose {
namespace {

[[noreturn]] void missing(const char* name) noexcept {
  const char text[] = "gobench: the C library has no function ";
  const char rest[] = ", which the program calls. Run it with the C library it was linked for.\n";
  ::syscall(SYS_write, 2, text, sizeof text - 1);
  ::syscall(SYS_write, 2, name, bytes::length(name));
  ::syscall(SYS_write, 2, rest, sizeof rest - 1);
  ::syscall(SYS_exit_group, 4);
  __builtin_unreachable();
}

void* find(const real_entry& of) noexcept {
  void* where = of.version == nullptr ? nullptr : ::dlvsym(RTLD_NEXT, of.name, of.version);
  return where == nullptr ? ::dlsym(RTLD_NEXT, of.name) : where;
}

}  // namespace

void* real_entry::resolve() noexcept {
  void* found = find(*this);
  if (found == nullptr) missing(name);
  where.store(found, std::memory_order_relaxed);  // see real_function::get
  return found;
}

// One that the C library lacks is missed only when it is called.
void resolve_all() noexcept {
  for (real_entry** at = __start_gobench_reals; at != __stop_gobench_reals; ++at) {
    real_entry& entry = **at;
    if (entry.where.load(std::memory_order_relaxed) == nullptr)
      entry.where.store(find(entry), std::memory_order_relaxed);
  }
}

}  // namespace gobench::detector::interpose
