// Functions of the C library that read or write memory. Sizes are unknown to the compiler, so that it calls them.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

// A buffer that the first side uses by a call and the second touches in one byte, of which it has its own in the twin.
template <auto Call, bool Reads>
struct buffer_of : race_case {
  alignas(16) char buffer[64] = "a text in a buffer that is not empty and ends here";
  char same[64] = "a text in a buffer that is not empty and ends here";
  char apart[64] = "another text";
  char other[64] = "something to copy from, or to compare with, or to";
  char seen = 0;
  // What is not known cannot be expanded inline.
  volatile std::size_t size = 48;
  const char* volatile suffix = " on";
  void first() { Call(*this); }
  void second() {
    char& at = (twin() ? apart : buffer)[2];
    if constexpr (Reads) {
      at = 'x';
    } else {
      seen = at;
    }
  }
};

#define CORPUS_BUFFER(name, reads, construct, ...)            \
  constexpr auto call_##name = [](auto& of) { __VA_ARGS__; }; \
  struct name##_call : buffer_of<call_##name, reads> {        \
    void first() { buffer_of::first(); }                      \
    void second() { buffer_of::second(); }                    \
  };                                                          \
  CORPUS_CASE(name##_call, construct)

// The result of what only reads has to be used.
volatile long used = 0;
template <class T>
void use(T value) {
  used = (long)value;  // NOLINT: pointers as well
}

CORPUS_BUFFER(memcpy_to, false, "memcpy into a buffer", std::memcpy(of.buffer, of.other, of.size));
CORPUS_BUFFER(memcpy_from, true, "memcpy out of a buffer",
              std::memcpy(of.other, of.buffer, of.size));
CORPUS_BUFFER(memmove_to, false, "memmove into a buffer",
              std::memmove(of.buffer, of.other, of.size));
CORPUS_BUFFER(memmove_from, true, "memmove out of a buffer",
              std::memmove(of.other, of.buffer, of.size));
CORPUS_BUFFER(memset_to, false, "memset", std::memset(of.buffer, 7, of.size));
CORPUS_BUFFER(memcmp_of, true, "memcmp", use(std::memcmp(of.buffer, of.same, of.size)));
CORPUS_BUFFER(memchr_in, true, "memchr", use(std::memchr(of.buffer, 'q', of.size)));
CORPUS_BUFFER(strlen_of, true, "strlen", use(std::strlen(of.buffer)));
CORPUS_BUFFER(strcpy_to, false, "strcpy into a buffer", std::strcpy(of.buffer, of.other));
CORPUS_BUFFER(strcpy_from, true, "strcpy out of a buffer", std::strcpy(of.other, of.buffer));
CORPUS_BUFFER(strncpy_to, false, "strncpy", std::strncpy(of.buffer, of.other, of.size));
CORPUS_BUFFER(strcat_to, true, "strcat", std::strcat(of.buffer, of.suffix));
CORPUS_BUFFER(strcmp_of, true, "strcmp", use(std::strcmp(of.buffer, of.same)));
CORPUS_BUFFER(strchr_in, true, "strchr", use(std::strchr(of.buffer, 'q')));
CORPUS_BUFFER(strdup_of, true, "strdup", use(strdup(of.buffer)));
CORPUS_BUFFER(snprintf_to, false, "snprintf", std::snprintf(of.buffer, of.size, "%d", 123456));

CORPUS_BUFFER(memset_unaligned, false, "memset from an odd address",
              std::memset(of.buffer + 1, 7, of.size));
#undef CORPUS_BUFFER

int compare(const void* a, const void* b) {
  return *static_cast<const int*>(a) - *static_cast<const int*>(b);
}

struct qsort_call : race_case {
  int numbers[16] = {5, 3, 9, 1, 7, 2, 8, 4, 6, 0, 15, 11, 13, 12, 14, 10};
  int apart[16] = {};
  int seen = 0;
  void first() { std::qsort(numbers, 16, sizeof(int), compare); }
  void second() { (twin() ? apart : numbers)[2] = 4; }
};
CORPUS_CASE(qsort_call, "qsort");

struct pipe_of {
  pipe_of() {
    if (::pipe(ends) != 0) std::abort();
  }
  int ends[2] = {};
};

struct read_call : race_case {
  pipe_of one;
  char buffer[16] = {};
  char apart[16] = {};
  void first() {
    if (::write(one.ends[1], "12345678", 8) != 8) std::abort();
    if (::read(one.ends[0], buffer, 16) != 8) std::abort();
  }
  void second() { (twin() ? apart : buffer)[7] = 'x'; }
};
CORPUS_CASE(read_call, "read into a buffer");

// Only what was read is written.
struct read_call_short : race_case {
  pipe_of one;
  char buffer[16] = {};
  void first() {
    if (::write(one.ends[1], "12345678", 8) != 8) std::abort();
    if (::read(one.ends[0], buffer, 16) != 8) std::abort();
  }
  void second() { buffer[twin() ? 8 : 7] = 'x'; }
};
CORPUS_CASE(read_call_short, "read of fewer bytes than asked for");

struct write_call : race_case {
  pipe_of one;
  char buffer[16] = {};
  char apart[16] = {};
  void first() {
    if (::write(one.ends[1], buffer, 16) != 16) std::abort();
  }
  void second() { (twin() ? apart : buffer)[15] = 'x'; }
};
CORPUS_CASE(write_call, "write out of a buffer");

struct readv_call : race_case {
  pipe_of one;
  char buffer[2][16] = {};
  char apart[16] = {};
  void first() {
    if (::write(one.ends[1], "1234567890abcdef1234567890abcdef", 32) != 32) std::abort();
    iovec parts[2] = {{buffer[0], 16}, {buffer[1], 16}};
    if (::readv(one.ends[0], parts, 2) != 32) std::abort();
  }
  void second() { (twin() ? apart : buffer[1])[3] = 'x'; }
};
CORPUS_CASE(readv_call, "readv");

struct recv_call : race_case {
  int ends[2] = {};
  char buffer[16] = {};
  char apart[16] = {};
  void first() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) std::abort();
    if (::send(ends[1], "1234", 4, 0) != 4) std::abort();
    if (::recv(ends[0], buffer, 16, 0) != 4) std::abort();
  }
  void second() { (twin() ? apart : buffer)[3] = 'x'; }
};
CORPUS_CASE(recv_call, "recv into a buffer");

struct send_call : race_case {
  int ends[2] = {};
  char buffer[16] = {};
  char apart[16] = {};
  void first() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) std::abort();
    if (::send(ends[1], buffer, 16, 0) != 16) std::abort();
  }
  void second() { (twin() ? apart : buffer)[3] = 'x'; }
};
CORPUS_CASE(send_call, "send out of a buffer");

}  // namespace
