// wmem* and the wcs* functions that copy or measure.
#include <cstddef>
#include <cwchar>

#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(wmemcpy, wchar_t*(wchar_t*, const wchar_t*, std::size_t));
GOBENCH_REAL_TYPE(wmemmove, wchar_t*(wchar_t*, const wchar_t*, std::size_t));
GOBENCH_REAL_TYPE(wmemset, wchar_t*(wchar_t*, wchar_t, std::size_t));
GOBENCH_REAL_TYPE(wmemcmp, int(const wchar_t*, const wchar_t*, std::size_t));
GOBENCH_REAL_TYPE(wcslen, std::size_t(const wchar_t*));
GOBENCH_REAL_TYPE(wcscpy, wchar_t*(wchar_t*, const wchar_t*));
GOBENCH_REAL_TYPE(wcscat, wchar_t*(wchar_t*, const wchar_t*));

namespace {

inline bool silent(address pc) noexcept { return is_internal() || !judged(pc); }

void copied(const wchar_t* to, const wchar_t* from, std::size_t count, address pc) noexcept {
  if (count == 0 || silent(pc)) return;
  read_range(from, count * sizeof(wchar_t), pc);
  write_range(to, count * sizeof(wchar_t), pc);
}

}  // namespace

#define GOBENCH_PC GOBENCH_CALLER_PC()

GOBENCH_INTERPOSED(wchar_t*, wmemcpy, wchar_t* to, const wchar_t* from, std::size_t count) {
  copied(to, from, count, GOBENCH_PC);
  return real_wmemcpy(to, from, count);
}
GOBENCH_INTERPOSED(wchar_t*, wmempcpy, wchar_t* to, const wchar_t* from, std::size_t count) {
  copied(to, from, count, GOBENCH_PC);
  return real_wmemcpy(to, from, count) + count;
}
GOBENCH_INTERPOSED(wchar_t*, wmemmove, wchar_t* to, const wchar_t* from, std::size_t count) {
  copied(to, from, count, GOBENCH_PC);
  return real_wmemmove(to, from, count);
}
GOBENCH_INTERPOSED(wchar_t*, wmemset, wchar_t* start, wchar_t value, std::size_t count) {
  if (count != 0 && !silent(GOBENCH_PC)) write_range(start, count * sizeof(wchar_t), GOBENCH_PC);
  return real_wmemset(start, value, count);
}
GOBENCH_INTERPOSED(int, wmemcmp, const wchar_t* left, const wchar_t* right, std::size_t count) {
  if (count != 0 && !silent(GOBENCH_PC)) {
    read_range(left, count * sizeof(wchar_t), GOBENCH_PC);
    read_range(right, count * sizeof(wchar_t), GOBENCH_PC);
  }
  return real_wmemcmp(left, right, count);
}
GOBENCH_INTERPOSED(std::size_t, wcslen, const wchar_t* text) {
  const std::size_t length = real_wcslen(text);
  if (!silent(GOBENCH_PC)) read_range(text, (length + 1) * sizeof(wchar_t), GOBENCH_PC);
  return length;
}
GOBENCH_INTERPOSED(wchar_t*, wcscpy, wchar_t* to, const wchar_t* from) {
  copied(to, from, real_wcslen(from) + 1, GOBENCH_PC);
  return real_wcscpy(to, from);
}
GOBENCH_INTERPOSED(wchar_t*, wcscat, wchar_t* to, const wchar_t* from) {
  const std::size_t had = real_wcslen(to);
  if (!silent(GOBENCH_PC)) read_range(to, (had + 1) * sizeof(wchar_t), GOBENCH_PC);
  copied(to + had, from, real_wcslen(from) + 1, GOBENCH_PC);
  return real_wcscat(to, from);
}

}  // namespace gobench::detector::interpose
