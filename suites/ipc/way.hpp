// A way in which two processes exchange messages of a length that both know.
//
// The object is made before the second process is forked, so both have it, with its descriptors and mappings. Names
// that it needs are gone again when its constructor returns, or kept by suites/ipc/names.hpp.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "suites/registry.hpp"

namespace gobench::suites::ipc {

enum class side : std::uint8_t { asks, answers };

constexpr std::size_t index(side one) noexcept { return static_cast<std::size_t>(one); }
constexpr side other(side one) noexcept { return one == side::asks ? side::answers : side::asks; }

// Both directions. Every method throws std::system_error where the system refuses.
class way {
 public:
  way() = default;
  way(const way&) = delete;
  way& operator=(const way&) = delete;
  virtual ~way() = default;

  // Called in each process, after the fork, with the id of the other one.
  virtual void begin(side, pid_t) {}
  // Waits until there is room.
  virtual void send(side from, std::span<const std::byte> message) = 0;
  // Waits for a message, which is as long as `room`.
  virtual void receive(side at, std::span<std::byte> room) = 0;
};

// For messages of so many bytes.
using maker = std::unique_ptr<way> (*)(std::size_t bytes);

// The number of bytes of a message at this point.
inline std::size_t bytes_at(const point& where) {
  return static_cast<std::size_t>(where.number("bytes"));
}

[[noreturn]] inline void refuse(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// A system call's result, which must not be negative.
template <class Number>
Number checked(Number result, const char* what) {
  if (result < 0) refuse(what);
  return result;
}

// The cases of the suite in which a way takes part.
enum class takes_part : std::uint8_t { in_both, in_round_trips };

// The variants of one way, for messages of at most so many bytes.
std::vector<variant> variants_of(const std::string& impl, const operation& round_trip,
                                 const operation& stream, std::size_t most_bytes,
                                 takes_part in = takes_part::in_both);

}  // namespace gobench::suites::ipc
