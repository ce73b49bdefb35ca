// printf and its kin, also as _FORTIFY_SOURCE calls them: the target of the s forms is written, a stream's descriptor
// gets what is printed. Strings among the arguments are read by the C library, unseen.
#include <stdarg.h>
#include <stdio.h>

#include <cstddef>

#include "detector/interpose/descriptors.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

using namespace descriptors;

GOBENCH_REAL(vfprintf);
GOBENCH_REAL(vdprintf);
GOBENCH_REAL(vsprintf);
GOBENCH_REAL(vsnprintf);
GOBENCH_REAL_TYPE(__vfprintf_chk, int(FILE*, int, const char*, va_list));
GOBENCH_REAL_TYPE(__vdprintf_chk, int(int, int, const char*, va_list));
GOBENCH_REAL_TYPE(__vsprintf_chk, int(char*, int, std::size_t, const char*, va_list));
GOBENCH_REAL_TYPE(__vsnprintf_chk, int(char*, std::size_t, int, std::size_t, const char*, va_list));

namespace {

int descriptor_of(const FILE* stream) noexcept { return stream->_fileno; }

int into_buffer(const char* to, std::size_t size, int length, address pc) noexcept {
  if (length < 0 || size == 0) return length;
  const std::size_t whole = static_cast<std::size_t>(length) + 1;
  buffer_written(to, whole < size ? whole : size, pc);
  return length;
}

constexpr std::size_t no_bound = ~std::size_t{0};

}  // namespace

#define GOBENCH_PC GOBENCH_CALLER_PC()

// Runs `call` with the variable arguments behind `last` as `rest`.
#define GOBENCH_WITH_REST(last, call) \
  va_list rest;                       \
  va_start(rest, last);               \
  const int length = call;            \
  va_end(rest)

GOBENCH_INTERPOSED(int, vfprintf, FILE* stream, const char* format, va_list rest) {
  written(descriptor_of(stream));
  return real_vfprintf(stream, format, rest);
}
GOBENCH_INTERPOSED(int, fprintf, FILE* stream, const char* format, ...) {
  written(descriptor_of(stream));
  GOBENCH_WITH_REST(format, real_vfprintf(stream, format, rest));
  return length;
}
GOBENCH_INTERPOSED(int, vprintf, const char* format, va_list rest) {
  written(descriptor_of(stdout));
  return real_vfprintf(stdout, format, rest);
}
GOBENCH_INTERPOSED(int, printf, const char* format, ...) {
  written(descriptor_of(stdout));
  GOBENCH_WITH_REST(format, real_vfprintf(stdout, format, rest));
  return length;
}
GOBENCH_INTERPOSED(int, dprintf, int fd, const char* format, ...) {
  written(fd);
  GOBENCH_WITH_REST(format, real_vdprintf(fd, format, rest));
  return length;
}
GOBENCH_INTERPOSED(int, vdprintf, int fd, const char* format, va_list rest) {
  written(fd);
  return real_vdprintf(fd, format, rest);
}

GOBENCH_INTERPOSED(int, __vfprintf_chk, FILE* stream, int flag, const char* format, va_list rest) {
  written(descriptor_of(stream));
  return real___vfprintf_chk(stream, flag, format, rest);
}
GOBENCH_INTERPOSED(int, __fprintf_chk, FILE* stream, int flag, const char* format, ...) {
  written(descriptor_of(stream));
  GOBENCH_WITH_REST(format, real___vfprintf_chk(stream, flag, format, rest));
  return length;
}
GOBENCH_INTERPOSED(int, __vprintf_chk, int flag, const char* format, va_list rest) {
  written(descriptor_of(stdout));
  return real___vfprintf_chk(stdout, flag, format, rest);
}
GOBENCH_INTERPOSED(int, __printf_chk, int flag, const char* format, ...) {
  written(descriptor_of(stdout));
  GOBENCH_WITH_REST(format, real___vfprintf_chk(stdout, flag, format, rest));
  return length;
}
GOBENCH_INTERPOSED(int, __dprintf_chk, int fd, int flag, const char* format, ...) {
  written(fd);
  GOBENCH_WITH_REST(format, real___vdprintf_chk(fd, flag, format, rest));
  return length;
}

GOBENCH_INTERPOSED(int, vsprintf, char* to, const char* format, va_list rest) {
  return into_buffer(to, no_bound, real_vsprintf(to, format, rest), GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, sprintf, char* to, const char* format, ...) {
  GOBENCH_WITH_REST(format, real_vsprintf(to, format, rest));
  return into_buffer(to, no_bound, length, GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, vsnprintf, char* to, std::size_t size, const char* format, va_list rest) {
  return into_buffer(to, size, real_vsnprintf(to, size, format, rest), GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, snprintf, char* to, std::size_t size, const char* format, ...) {
  GOBENCH_WITH_REST(format, real_vsnprintf(to, size, format, rest));
  return into_buffer(to, size, length, GOBENCH_PC);
}

GOBENCH_INTERPOSED(int, __vsprintf_chk, char* to, int flag, std::size_t room, const char* format,
                   va_list rest) {
  return into_buffer(to, no_bound, real___vsprintf_chk(to, flag, room, format, rest), GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, __sprintf_chk, char* to, int flag, std::size_t room, const char* format,
                   ...) {
  GOBENCH_WITH_REST(format, real___vsprintf_chk(to, flag, room, format, rest));
  return into_buffer(to, no_bound, length, GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, __vsnprintf_chk, char* to, std::size_t size, int flag, std::size_t room,
                   const char* format, va_list rest) {
  return into_buffer(to, size, real___vsnprintf_chk(to, size, flag, room, format, rest),
                     GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, __snprintf_chk, char* to, std::size_t size, int flag, std::size_t room,
                   const char* format, ...) {
  GOBENCH_WITH_REST(format, real___vsnprintf_chk(to, size, flag, room, format, rest));
  return into_buffer(to, size, length, GOBENCH_PC);
}

}  // namespace gobench::detector::interpose
