#include "detector/interpose/interpose.hpp"

#include <dlfcn.h>

#include "detector/engine/memory.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector {
namespace {

// As a shared object, the detector may come after the C library in the order of search, or long after the program
// began. Then the program calls the C library directly, and what threads do is not seen.
bool comes_first() noexcept {
  Dl_info own{};
  Dl_info called{};
  void* const create = ::dlsym(RTLD_DEFAULT, "pthread_create");
  return create == nullptr || ::dladdr(reinterpret_cast<void*>(&start_interposition), &own) == 0 ||
         ::dladdr(create, &called) == 0 || own.dli_fbase == called.dli_fbase;
}

}  // namespace

void start_interposition() noexcept {
  const internal_scope inside;
  if (!comes_first())
    die("the detector was loaded after the C library, so that it does not see threads: start the "
        "program with "
        "LD_PRELOAD=libgobench_detector.so, or link it with gobench::check");
  interpose::resolve_all();
  interpose::find_modules();
  interpose::start_threads();
  interpose::start_process();
}

}  // namespace gobench::detector
