// Loads the library named first and calls the functions named after it. Compiled twice: without instrumentation, and
// as a checked program.
#include <dlfcn.h>

#include <cstdio>

int main(int count, char** arguments) {
  void* const library = count > 1 ? dlopen(arguments[1], RTLD_NOW) : nullptr;
  if (library == nullptr) {
    std::fprintf(stderr, "%s\n", count > 1 ? dlerror() : "name a library");
    return 3;
  }
  for (int i = 2; i < count; ++i) {
    auto* const run = reinterpret_cast<void (*)()>(dlsym(library, arguments[i]));
    if (run == nullptr) return 3;
    run();
  }
  return 0;
}
