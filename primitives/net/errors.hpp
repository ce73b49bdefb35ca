// What the network throws. All of it is a std::system_error whose what() says what was being done, with which address:
// "connecting to 127.0.0.1:80: Connection refused".
#pragma once

#include <string>
#include <system_error>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

// The deadline of the operation has passed. code() == std::errc::timed_out. (The kernel gives the same code to a peer
// that does not answer; that is a plain std::system_error.)
struct timeout_error : std::system_error {
  explicit timeout_error(const std::string& doing)
      : std::system_error(std::make_error_code(std::errc::timed_out),
                          doing + ": the deadline has passed") {}
};

// The stream or listener was closed, by its user, before the operation or while it waited; or there is none (moved from,
// default-constructed). code() == std::errc::bad_file_descriptor.
struct closed_error : std::system_error {
  explicit closed_error(const std::string& doing)
      : std::system_error(std::make_error_code(std::errc::bad_file_descriptor),
                          doing + ": it is closed") {}
};

// The stream has ended in the middle of what was expected.
struct end_error : std::system_error {
  explicit end_error(const std::string& doing)
      : std::system_error(std::make_error_code(std::errc::connection_aborted),
                          doing + ": the stream ended in the middle") {}
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
