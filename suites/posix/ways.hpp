// What the system offers for telling another thread or process a number: ways for suites/round_trips.hpp.
//
// All throw std::system_error where the system refuses, and all may be used by a thread and by a process that
// was forked from it.
#pragma once

#include <array>
#include <cstdint>

#include "suites/registry.hpp"

namespace gobench::suites::posix {

// Descriptors on which numbers go there and back.
class descriptors {
 public:
  descriptors() = default;
  descriptors(const descriptors&) = delete;
  descriptors& operator=(const descriptors&) = delete;
  ~descriptors();

  std::uint64_t ask(std::uint64_t i) {
    write_number(there_[1], i + 1);
    return read_number(back_[0]) - 1;
  }
  void echo() { write_number(back_[1], read_number(there_[0]) + 1); }

 protected:
  // Where a number is read and where it is written. Never 0, which an eventfd would not tell.
  std::array<int, 2> there_{-1, -1};
  std::array<int, 2> back_{-1, -1};

 private:
  static void write_number(int to, std::uint64_t number);
  static std::uint64_t read_number(int from);
};

struct pipes : descriptors {
  pipes();
};

// A connected pair of Unix stream sockets.
struct sockets : descriptors {
  sockets();
};

struct eventfds : descriptors {
  eventfds();
};

// Asks `round_trips` numbers of a child, which does nothing but answer, so that it needs nothing that a fork may
// break. Proves the answers; the CPU time is that of both.
measurement ask_a_child(descriptors& way, const point& where, std::uint64_t round_trips);

}  // namespace gobench::suites::posix
