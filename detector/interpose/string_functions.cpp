// str* and strings in other functions' arguments, also as _FORTIFY_SOURCE calls them.
//
// The accesses are those that the function's contract allows it: a copy reads up to the source's end, a comparison
// up to the first difference, a search up to what it found.
#include <strings.h>
#include <cstddef>
#include <cstring>

#include "detector/interpose/heap.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL_TYPE(memcpy, void*(void*, const void*, std::size_t));
GOBENCH_REAL_TYPE(strlen, std::size_t(const char*));
GOBENCH_REAL_TYPE(strnlen, std::size_t(const char*, std::size_t));
GOBENCH_REAL_TYPE(strcpy, char*(char*, const char*));
GOBENCH_REAL_TYPE(stpcpy, char*(char*, const char*));
GOBENCH_REAL_TYPE(strncpy, char*(char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(stpncpy, char*(char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(strcat, char*(char*, const char*));
GOBENCH_REAL_TYPE(strncat, char*(char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(strcmp, int(const char*, const char*));
GOBENCH_REAL_TYPE(strncmp, int(const char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(strcasecmp, int(const char*, const char*));
GOBENCH_REAL_TYPE(strncasecmp, int(const char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(strcoll, int(const char*, const char*));
GOBENCH_REAL_TYPE(strchr, char*(const char*, int));
GOBENCH_REAL_TYPE(strchrnul, char*(const char*, int));
GOBENCH_REAL_TYPE(strrchr, char*(const char*, int));
GOBENCH_REAL_TYPE(strstr, char*(const char*, const char*));
GOBENCH_REAL_TYPE(strcasestr, char*(const char*, const char*));
GOBENCH_REAL_TYPE(strspn, std::size_t(const char*, const char*));
GOBENCH_REAL_TYPE(strcspn, std::size_t(const char*, const char*));
GOBENCH_REAL_TYPE(strpbrk, char*(const char*, const char*));
GOBENCH_REAL_TYPE(__strcpy_chk, char*(char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(__stpcpy_chk, char*(char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(__strncpy_chk, char*(char*, const char*, std::size_t, std::size_t));
GOBENCH_REAL_TYPE(__stpncpy_chk, char*(char*, const char*, std::size_t, std::size_t));
GOBENCH_REAL_TYPE(__strcat_chk, char*(char*, const char*, std::size_t));
GOBENCH_REAL_TYPE(__strncat_chk, char*(char*, const char*, std::size_t, std::size_t));

namespace {

inline bool silent(address pc) noexcept { return is_internal() || !judged(pc); }

void read_string(const char* text, address pc) noexcept {
  read_range(text, real_strlen(text) + 1, pc);
}

// With its end where that is within `most`.
std::size_t bounded(const char* text, std::size_t most) noexcept {
  const std::size_t length = real_strnlen(text, most);
  return length < most ? length + 1 : most;
}

void read_bounded(const char* text, std::size_t most, address pc) noexcept {
  if (most != 0) read_range(text, bounded(text, most), pc);
}

void copied(const char* to, const char* from, address pc) noexcept {
  const std::size_t size = real_strlen(from) + 1;
  read_range(from, size, pc);
  write_range(to, size, pc);
}

// The rest of the target is filled with zeros.
void copied_bounded(const char* to, const char* from, std::size_t most, address pc) noexcept {
  if (most == 0) return;
  read_range(from, bounded(from, most), pc);
  write_range(to, most, pc);
}

void appended(const char* to, const char* from, std::size_t most, address pc) noexcept {
  const std::size_t had = real_strlen(to);
  const std::size_t size = real_strnlen(from, most);
  read_range(to, had + 1, pc);
  if (most != 0) read_range(from, size < most ? size + 1 : size, pc);
  write_range(to + had, size + 1, pc);
}

unsigned char lower(char letter) noexcept {
  const auto value = static_cast<unsigned char>(letter);
  return value >= 'A' && value <= 'Z' ? static_cast<unsigned char>(value + 32) : value;
}

void compared(const char* left, const char* right, std::size_t most, bool any_case,
              address pc) noexcept {
  std::size_t at = 0;
  while (at < most && left[at] != '\0' &&
         (left[at] == right[at] || (any_case && lower(left[at]) == lower(right[at]))))
    ++at;
  const std::size_t size = at < most ? at + 1 : most;
  if (size == 0) return;
  read_range(left, size, pc);
  read_range(right, size, pc);
}

void searched(const char* text, const char* found, std::size_t beyond, address pc) noexcept {
  if (found == nullptr) return read_string(text, pc);
  read_range(text, static_cast<std::size_t>(found - text) + beyond, pc);
}

constexpr std::size_t no_bound = ~std::size_t{0};

}  // namespace

#define GOBENCH_TELL(...)                 \
  const address pc = GOBENCH_CALLER_PC(); \
  if (!silent(pc)) [[unlikely]] {         \
    __VA_ARGS__;                          \
  }

GOBENCH_INTERPOSED(std::size_t, strlen, const char* text) {
  const std::size_t length = real_strlen(text);
  GOBENCH_TELL(read_range(text, length + 1, pc))
  return length;
}
GOBENCH_INTERPOSED(std::size_t, strnlen, const char* text, std::size_t most) {
  GOBENCH_TELL(read_bounded(text, most, pc))
  return real_strnlen(text, most);
}

GOBENCH_INTERPOSED(char*, strcpy, char* to, const char* from) {
  GOBENCH_TELL(copied(to, from, pc))
  return real_strcpy(to, from);
}
GOBENCH_INTERPOSED(char*, stpcpy, char* to, const char* from) {
  GOBENCH_TELL(copied(to, from, pc))
  return real_stpcpy(to, from);
}
GOBENCH_INTERPOSED(char*, __strcpy_chk, char* to, const char* from, std::size_t room) {
  GOBENCH_TELL(copied(to, from, pc))
  return real___strcpy_chk(to, from, room);
}
GOBENCH_INTERPOSED(char*, __stpcpy_chk, char* to, const char* from, std::size_t room) {
  GOBENCH_TELL(copied(to, from, pc))
  return real___stpcpy_chk(to, from, room);
}
GOBENCH_INTERPOSED(char*, strncpy, char* to, const char* from, std::size_t most) {
  GOBENCH_TELL(copied_bounded(to, from, most, pc))
  return real_strncpy(to, from, most);
}
GOBENCH_INTERPOSED(char*, stpncpy, char* to, const char* from, std::size_t most) {
  GOBENCH_TELL(copied_bounded(to, from, most, pc))
  return real_stpncpy(to, from, most);
}
GOBENCH_INTERPOSED(char*, __strncpy_chk, char* to, const char* from, std::size_t most,
                   std::size_t room) {
  GOBENCH_TELL(copied_bounded(to, from, most, pc))
  return real___strncpy_chk(to, from, most, room);
}
GOBENCH_INTERPOSED(char*, __stpncpy_chk, char* to, const char* from, std::size_t most,
                   std::size_t room) {
  GOBENCH_TELL(copied_bounded(to, from, most, pc))
  return real___stpncpy_chk(to, from, most, room);
}
GOBENCH_INTERPOSED(char*, strcat, char* to, const char* from) {
  GOBENCH_TELL(appended(to, from, no_bound, pc))
  return real_strcat(to, from);
}
GOBENCH_INTERPOSED(char*, __strcat_chk, char* to, const char* from, std::size_t room) {
  GOBENCH_TELL(appended(to, from, no_bound, pc))
  return real___strcat_chk(to, from, room);
}
GOBENCH_INTERPOSED(char*, strncat, char* to, const char* from, std::size_t most) {
  GOBENCH_TELL(appended(to, from, most, pc))
  return real_strncat(to, from, most);
}
GOBENCH_INTERPOSED(char*, __strncat_chk, char* to, const char* from, std::size_t most,
                   std::size_t room) {
  GOBENCH_TELL(appended(to, from, most, pc))
  return real___strncat_chk(to, from, most, room);
}

GOBENCH_INTERPOSED(int, strcmp, const char* left, const char* right) {
  GOBENCH_TELL(compared(left, right, no_bound, false, pc))
  return real_strcmp(left, right);
}
GOBENCH_INTERPOSED(int, strncmp, const char* left, const char* right, std::size_t most) {
  GOBENCH_TELL(compared(left, right, most, false, pc))
  return real_strncmp(left, right, most);
}
GOBENCH_INTERPOSED(int, strcasecmp, const char* left, const char* right) {
  GOBENCH_TELL(compared(left, right, no_bound, true, pc))
  return real_strcasecmp(left, right);
}
GOBENCH_INTERPOSED(int, strncasecmp, const char* left, const char* right, std::size_t most) {
  GOBENCH_TELL(compared(left, right, most, true, pc))
  return real_strncasecmp(left, right, most);
}
GOBENCH_INTERPOSED(int, strcoll, const char* left, const char* right) {
  GOBENCH_TELL(read_string(left, pc); read_string(right, pc))
  return real_strcoll(left, right);
}

GOBENCH_INTERPOSED(char*, strchr, const char* text, int letter) {
  char* found = real_strchr(text, letter);
  GOBENCH_TELL(searched(text, found, 1, pc))
  return found;
}
GOBENCH_INTERPOSED(char*, index, const char* text, int letter) {
  char* found = real_strchr(text, letter);
  GOBENCH_TELL(searched(text, found, 1, pc))
  return found;
}
GOBENCH_INTERPOSED(char*, strchrnul, const char* text, int letter) {
  char* found = real_strchrnul(text, letter);
  GOBENCH_TELL(searched(text, found, 1, pc))
  return found;
}
GOBENCH_INTERPOSED(char*, strrchr, const char* text, int letter) {
  GOBENCH_TELL(read_string(text, pc))
  return real_strrchr(text, letter);
}
GOBENCH_INTERPOSED(char*, rindex, const char* text, int letter) {
  GOBENCH_TELL(read_string(text, pc))
  return real_strrchr(text, letter);
}
GOBENCH_INTERPOSED(char*, strstr, const char* text, const char* what) {
  char* found = real_strstr(text, what);
  GOBENCH_TELL(read_string(what, pc); searched(text, found, real_strlen(what), pc))
  return found;
}
GOBENCH_INTERPOSED(char*, strcasestr, const char* text, const char* what) {
  char* found = real_strcasestr(text, what);
  GOBENCH_TELL(read_string(what, pc); searched(text, found, real_strlen(what), pc))
  return found;
}
GOBENCH_INTERPOSED(std::size_t, strspn, const char* text, const char* letters) {
  const std::size_t length = real_strspn(text, letters);
  GOBENCH_TELL(read_string(letters, pc); read_range(text, length + 1, pc))
  return length;
}
GOBENCH_INTERPOSED(std::size_t, strcspn, const char* text, const char* letters) {
  const std::size_t length = real_strcspn(text, letters);
  GOBENCH_TELL(read_string(letters, pc); read_range(text, length + 1, pc))
  return length;
}
GOBENCH_INTERPOSED(char*, strpbrk, const char* text, const char* letters) {
  char* found = real_strpbrk(text, letters);
  GOBENCH_TELL(read_string(letters, pc); searched(text, found, 1, pc))
  return found;
}

static char* duplicate(const char* text, std::size_t length, address pc) noexcept {
  auto* copy = static_cast<char*>(heap_allocate(length + 1, pc));
  if (copy == nullptr) return nullptr;
  real_memcpy(copy, text, length);
  copy[length] = '\0';
  if (!silent(pc)) write_range(copy, length + 1, pc);
  return copy;
}
GOBENCH_INTERPOSED(char*, strdup, const char* text) {
  GOBENCH_TELL(read_string(text, pc))
  return duplicate(text, real_strlen(text), pc);
}
GOBENCH_INTERPOSED(char*, __strdup, const char* text) {
  GOBENCH_TELL(read_string(text, pc))
  return duplicate(text, real_strlen(text), pc);
}
GOBENCH_INTERPOSED(char*, strndup, const char* text, std::size_t most) {
  GOBENCH_TELL(read_bounded(text, most, pc))
  return duplicate(text, real_strnlen(text, most), pc);
}
GOBENCH_INTERPOSED(char*, __strndup, const char* text, std::size_t most) {
  GOBENCH_TELL(read_bounded(text, most, pc))
  return duplicate(text, real_strnlen(text, most), pc);
}

}  // namespace gobench::detector::interpose
