// Streams: what passes through one goes to its descriptor, at once or at a later flush; buffers of the program
// are accessed. The lock within a stream orders nothing that a program may rely on, but flockfile does.
#include <stdio.h>
#include <stdio_ext.h>

#include <cstdarg>
#include <cstring>

#include "detector/interpose/descriptors.hpp"
#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

using namespace descriptors;

GOBENCH_REAL(fopen);
GOBENCH_REAL(fdopen);
GOBENCH_REAL(freopen);
GOBENCH_REAL(fclose);
GOBENCH_REAL(popen);
GOBENCH_REAL(pclose);
GOBENCH_REAL(tmpfile);
GOBENCH_REAL(fflush);
GOBENCH_REAL(fread);
GOBENCH_REAL(fwrite);
GOBENCH_REAL(fgets);
GOBENCH_REAL(fputs);
GOBENCH_REAL(puts);
GOBENCH_REAL(fgetc);
GOBENCH_REAL(getc);
GOBENCH_REAL(fputc);
GOBENCH_REAL(putc);
GOBENCH_REAL_TYPE(getdelim, ssize_t(char**, std::size_t*, int, FILE*));
GOBENCH_REAL(flockfile);
GOBENCH_REAL(ftrylockfile);
GOBENCH_REAL(funlockfile);
GOBENCH_REAL_TYPE(strlen, std::size_t(const char*));
GOBENCH_REAL(vfscanf);
GOBENCH_REAL_TYPE(__isoc99_vfscanf, int(FILE*, const char*, va_list));

namespace {

// The field that fileno reads, which has been at its place for as long as streams are public structs.
int descriptor_of(const FILE* stream) noexcept { return stream == nullptr ? -1 : stream->_fileno; }

FILE* opened_stream(FILE* stream) noexcept {
  if (stream != nullptr) opened(descriptor_of(stream));
  return stream;
}

// A line that was read; `text` is null at the end of the file.
void line_read(const FILE* stream, const char* text, address pc) noexcept {
  was_read(descriptor_of(stream));
  if (text != nullptr && !is_internal()) buffer_written(text, real_strlen(text) + 1, pc);
}

void text_written(const FILE* stream, const char* text, address pc) noexcept {
  if (is_internal()) return;
  buffer_read(text, real_strlen(text) + 1, pc);
  written(descriptor_of(stream));
}

}  // namespace

#define GOBENCH_PC GOBENCH_CALLER_PC()

GOBENCH_INTERPOSED(FILE*, fopen, const char* path, const char* mode) {
  return opened_stream(real_fopen(path, mode));
}
GOBENCH_INTERPOSED(FILE*, fopen64, const char* path, const char* mode) {
  return opened_stream(real_fopen(path, mode));
}
GOBENCH_INTERPOSED(FILE*, fdopen, int fd, const char* mode) { return real_fdopen(fd, mode); }
GOBENCH_INTERPOSED(FILE*, tmpfile, ) { return opened_stream(real_tmpfile()); }
GOBENCH_INTERPOSED(FILE*, popen, const char* command, const char* mode) {
  return opened_stream(real_popen(command, mode));
}
GOBENCH_INTERPOSED(int, pclose, FILE* stream) {
  closing(descriptor_of(stream));
  return real_pclose(stream);
}
GOBENCH_INTERPOSED(int, fclose, FILE* stream) {
  closing(descriptor_of(stream));
  if (!is_internal()) forget_object(stream);
  return real_fclose(stream);
}
GOBENCH_INTERPOSED(FILE*, freopen, const char* path, const char* mode, FILE* stream) {
  closing(descriptor_of(stream));
  return opened_stream(real_freopen(path, mode, stream));
}

GOBENCH_INTERPOSED(int, fflush, FILE* stream) {
  written(descriptor_of(stream));
  return real_fflush(stream);
}

GOBENCH_INTERPOSED(std::size_t, fread, void* buffer, std::size_t size, std::size_t count,
                   FILE* stream) {
  const std::size_t got = real_fread(buffer, size, count, stream);
  was_read(descriptor_of(stream));
  buffer_written(buffer, got * size, GOBENCH_PC);
  return got;
}
GOBENCH_INTERPOSED(std::size_t, fwrite, const void* buffer, std::size_t size, std::size_t count,
                   FILE* stream) {
  buffer_read(buffer, size * count, GOBENCH_PC);
  written(descriptor_of(stream));
  return real_fwrite(buffer, size, count, stream);
}

GOBENCH_INTERPOSED(char*, fgets, char* text, int size, FILE* stream) {
  char* got = real_fgets(text, size, stream);
  line_read(stream, got, GOBENCH_PC);
  return got;
}
GOBENCH_INTERPOSED(int, fgetc, FILE* stream) {
  const int got = real_fgetc(stream);
  was_read(descriptor_of(stream));
  return got;
}
GOBENCH_INTERPOSED(int, getc, FILE* stream) {
  const int got = real_getc(stream);
  was_read(descriptor_of(stream));
  return got;
}
GOBENCH_INTERPOSED(int, getchar, ) {
  const int got = real_getc(stdin);
  was_read(descriptor_of(stdin));
  return got;
}

static ssize_t get_until(char** line, std::size_t* size, int end, FILE* stream, address pc) {
  if (!is_internal() && judged(pc)) {
    read_range(line, sizeof *line, pc);
    read_range(size, sizeof *size, pc);
  }
  const ssize_t got = real_getdelim(line, size, end, stream);
  was_read(descriptor_of(stream));
  if (got >= 0) buffer_written(*line, static_cast<std::size_t>(got) + 1, pc);
  return got;
}
GOBENCH_INTERPOSED(ssize_t, getline, char** line, std::size_t* size, FILE* stream) {
  return get_until(line, size, '\n', stream, GOBENCH_PC);
}
GOBENCH_INTERPOSED(ssize_t, getdelim, char** line, std::size_t* size, int end, FILE* stream) {
  return get_until(line, size, end, stream, GOBENCH_PC);
}
GOBENCH_INTERPOSED(ssize_t, __getdelim, char** line, std::size_t* size, int end, FILE* stream) {
  return get_until(line, size, end, stream, GOBENCH_PC);
}

GOBENCH_INTERPOSED(int, fputs, const char* text, FILE* stream) {
  text_written(stream, text, GOBENCH_PC);
  return real_fputs(text, stream);
}
GOBENCH_INTERPOSED(int, puts, const char* text) {
  text_written(stdout, text, GOBENCH_PC);
  return real_puts(text);
}
GOBENCH_INTERPOSED(int, fputc, int letter, FILE* stream) {
  written(descriptor_of(stream));
  return real_fputc(letter, stream);
}
GOBENCH_INTERPOSED(int, putc, int letter, FILE* stream) {
  written(descriptor_of(stream));
  return real_putc(letter, stream);
}
GOBENCH_INTERPOSED(int, putchar, int letter) {
  written(descriptor_of(stdout));
  return real_putc(letter, stdout);
}

// What is scanned into is written by the C library, unseen.
GOBENCH_INTERPOSED(int, vfscanf, FILE* stream, const char* format, va_list rest) {
  const int got = real_vfscanf(stream, format, rest);
  was_read(descriptor_of(stream));
  return got;
}
GOBENCH_INTERPOSED(int, __isoc99_vfscanf, FILE* stream, const char* format, va_list rest) {
  const int got = real___isoc99_vfscanf(stream, format, rest);
  was_read(descriptor_of(stream));
  return got;
}
GOBENCH_INTERPOSED(int, fscanf, FILE* stream, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  const int got = real_vfscanf(stream, format, rest);
  va_end(rest);
  was_read(descriptor_of(stream));
  return got;
}
GOBENCH_INTERPOSED(int, __isoc99_fscanf, FILE* stream, const char* format, ...) {
  va_list rest;
  va_start(rest, format);
  const int got = real___isoc99_vfscanf(stream, format, rest);
  va_end(rest);
  was_read(descriptor_of(stream));
  return got;
}

GOBENCH_INTERPOSED(void, flockfile, FILE* stream) {
  real_flockfile(stream);
  if (!is_internal()) lock_acquired(stream, lock_recursive | lock_static, GOBENCH_PC);
}
GOBENCH_INTERPOSED(int, ftrylockfile, FILE* stream) {
  const int failed = real_ftrylockfile(stream);
  if (failed == 0 && !is_internal())
    lock_acquired(stream, lock_recursive | lock_static, GOBENCH_PC);
  return failed;
}
GOBENCH_INTERPOSED(void, funlockfile, FILE* stream) {
  if (!is_internal()) lock_released(stream, lock_recursive | lock_static, GOBENCH_PC);
  real_funlockfile(stream);
}

}  // namespace gobench::detector::interpose
