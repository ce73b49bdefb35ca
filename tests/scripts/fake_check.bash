# To be sourced after expect.bash: gobench as it is installed, in small, with a detector that only the tests have. That
# says that it has started, and reports a race where a thread has written without taking a mutex. Sets `prefix`; `fake`
# builds the detector, with -DFAKE_SILENT=1 and the like for one that does not work.
if [[ ! ${GOBENCH_TEST_BINARY_DIR:-} ]]; then
  echo "run this through ctest, which says where the build is: scripts/test -R ${0##*/}"
  exit 1
fi
unset CXX GOBENCH_CXX GOBENCH_RACE
export GOBENCH_CXX=${GOBENCH_TEST_CXX:-c++}

# What is installed, in small. Both the name of the folder and the flags have a space in them.
prefix=$scratch/prefix
mkdir -p "$prefix/bin" "$prefix/lib/gobench" "$prefix/include"
ln "$GOBENCH_TEST_BINARY_DIR/bin/gobench" "$prefix/bin/gobench" 2>/dev/null ||
  cp "$GOBENCH_TEST_BINARY_DIR/bin/gobench" "$prefix/bin/gobench"
cp "$repository/scripts/gobench-c++" "$prefix/bin/"
cat >"$prefix/lib/gobench/check-flags" <<'END'
# a comment
library {prefix}/lib/libgobench_check.a
compile -I{prefix}/include
link -Wl,--export-dynamic-symbol=__tsan_*
link {prefix}/lib/libgobench_check.a
link -ldl
END
export PATH=$prefix/bin:$PATH

cat >"$prefix/detector.cpp" <<'END'
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
#include <fcntl.h>
static bool written = false, locked = false;
static void tell(const char* line) {
  const char* all = std::getenv("GOBENCH_RACE");
  const char* at = all == nullptr ? nullptr : std::strstr(all, "findings=");
  if (at == nullptr) return;
  std::string file(at + 9);
  bool quotes = file[0] == '"';
  file = file.substr(quotes ? 1 : 0);
  file = file.substr(0, file.find(quotes ? '"' : ':'));
  int fd = ::open(file.c_str(), O_WRONLY | O_APPEND);
  if (fd >= 0 && ::write(fd, line, std::strlen(line)) > 0) ::close(fd);
}
#ifndef FAKE_NOISY
#define FAKE_NOISY 0
#endif
#ifndef FAKE_SILENT
#define FAKE_SILENT 0
#endif
#ifndef FAKE_DEAD
#define FAKE_DEAD 0
#endif
static struct life {
  life() { if (!FAKE_DEAD) tell("{\"event\":\"start\",\"pid\":1}\n"); }
  ~life() {
    if (FAKE_NOISY || (written && !locked && !FAKE_SILENT))
      tell("{\"kind\":\"data-race\",\"fingerprint\":\"f1\",\"message\":\"a race\",\"accesses\":[]}\n");
  }
} lives;
extern "C" {
#define NOTHING(name) void name(void*) {}
NOTHING(__tsan_func_entry) NOTHING(__tsan_vptr_read)
void __tsan_init() {} void __tsan_func_exit() {}
#define SIZES(what, body) \
  void __tsan_##what##1(void*) body void __tsan_##what##2(void*) body void __tsan_##what##4(void*) body \
  void __tsan_##what##8(void*) body void __tsan_##what##16(void*) body
SIZES(read, {}) SIZES(unaligned_read, {}) SIZES(write, { written = true; }) SIZES(unaligned_write, { written = true; })
void __tsan_read_range(void*, unsigned long) {} void __tsan_write_range(void*, unsigned long) { written = true; }
int pthread_mutex_lock(void*) { locked = true; return 0; }
int pthread_mutex_unlock(void*) { return 0; }
}
END
fake() {
  "$GOBENCH_CXX" -c "$@" "$prefix/detector.cpp" -o "$prefix/detector.o" &&
    ar rcs "$prefix/lib/libgobench_check.a" "$prefix/detector.o"
}
