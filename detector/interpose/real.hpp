// The functions that the interposed ones stand for, and how an interposed one is declared.
//
// Invariants
// - A real function is looked up once, with RTLD_NEXT: behind the object that the detector is linked into. At
//   start-up all of them are (`resolve_all`), so that later none is looked up in a signal handler or a
//   forked child; a call before start-up looks its own one up.
// - Nothing here or in an interposed function relies on a constructor having run.
// - Interposed functions carry the C library's name as their assembler name only. In C++ they are called
//   interposed_NAME, which spares the overloads, inline definitions and exception specifications of the
//   headers.
// - They are weak: a program that brings a malloc or an operator new of its own is linked with its own.
// - Their names stand in section .gobench_exports of each object, one a line: what has to stay global when
//   the objects become one.
#pragma once

#include <atomic>

#include "detector/engine/engine.hpp"

// Types of the C library carry attributes (nonnull, pure) that a template argument drops.
#pragma GCC diagnostic ignored "-Wignored-attributes"

namespace gobench::detector::interpose {

struct real_entry {
  const char* name;
  const char* version;  // null: the default one
  std::atomic<void*> where{nullptr};

  void* resolve() noexcept;
};

// Looks every real function up that is not yet.
void resolve_all() noexcept;

template <typename Pointer>
struct real_function {
  real_entry entry;

  Pointer get() noexcept {
    // Relaxed: the code it points to was there before any thread.
    void* where = entry.where.load(std::memory_order_relaxed);
    if (where == nullptr) [[unlikely]]
      where = entry.resolve();
    return reinterpret_cast<Pointer>(where);
  }
  template <typename... Arguments>
  decltype(auto) operator()(Arguments... arguments) {
    return get()(arguments...);
  }
};

}  // namespace gobench::detector::interpose

// real_NAME, of the type that the header declares; with a version or a type of its own.
#define GOBENCH_REAL(name) GOBENCH_REAL_AS(name, decltype(&::name), nullptr)
#define GOBENCH_REAL_VERSION(name, version) GOBENCH_REAL_AS(name, decltype(&::name), version)
#define GOBENCH_REAL_TYPE(name, ...) GOBENCH_REAL_AS(name, std::add_pointer_t<__VA_ARGS__>, nullptr)
#define GOBENCH_REAL_AS(name, pointer, version)                                        \
  static constinit ::gobench::detector::interpose::real_function<pointer> real_##name{ \
      {#name, version}};                                                               \
  [[gnu::section("gobench_reals"),                                                     \
    gnu::used]] static ::gobench::detector::interpose::real_entry* entry_##name =      \
      &real_##name.entry

// GOBENCH_INTERPOSED(int, pthread_join, pthread_t thread, void** result) { ... }
#define GOBENCH_INTERPOSED(result, name, ...)                                                    \
  asm(".pushsection .gobench_exports,\"\",@progbits\n\t.ascii \"" #name "\\n\"\n\t.popsection"); \
  extern "C" __attribute__((visibility("default"), weak))                                        \
  result interposed_##name(__VA_ARGS__) asm(#name);                                              \
  extern "C" result interposed_##name(__VA_ARGS__)
