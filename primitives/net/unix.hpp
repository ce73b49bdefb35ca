// Streams between processes of one machine.
//
//   auto server = gobench::net::unix_listener::listen("/run/me.sock");    // "@me": a name without a file
//   auto client = gobench::net::unix_stream::connect("/run/me.sock");
//   auto [a, b] = gobench::net::unix_stream::pair();
//
// A name that begins with @ is in Linux's abstract name space: no file, gone with the last who has it open. Source of
// the semantics: Go's net.UnixConn and net.UnixListener.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "primitives/net/listener.hpp"
#include "primitives/net/stream.hpp"
#include "runtime/flavour.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

// Throws as stream does.
class unix_stream : public stream {
 public:
  // No stream: every operation throws closed_error.
  unix_stream() noexcept = default;
  unix_stream(unix_stream&& other) noexcept = default;
  unix_stream& operator=(unix_stream&& other) noexcept = default;

  // Connects. While the listener's backlog is full, it waits for a place, by the deadline (the kernel does not tell when there
  // is one: it looks again after 1 ms, then less and less often, at least every 20 ms). Throws timeout_error,
  // std::system_error: ENOENT, ECONNREFUSED when nobody listens, ENAMETOOLONG above 107 bytes, EINVAL for no name.
  static unix_stream connect(std::string_view path, steady_time deadline = no_deadline);
  template <class Rep, class Period>
  static unix_stream connect(std::string_view path, std::chrono::duration<Rep, Period> at_most) {
    return connect(path, runtime::deadline_after(at_most));
  }

  // Two streams that are connected with each other. Throws std::system_error.
  static std::pair<unix_stream, unix_stream> pair();

  // The name that it was connected or accepted at; empty for a pair.
  std::string path() const;

 private:
  friend class unix_listener;
  unix_stream(runtime::descriptor file, std::string path);
};

// Accepts connections at a name.
class unix_listener : public listener {
 public:
  unix_listener() noexcept = default;
  unix_listener(unix_listener&& other) noexcept = default;
  unix_listener& operator=(unix_listener&& other) noexcept = default;

  // Makes the file, which must not be there yet: one that a program left behind has to be removed first. close()
  // removes it. Throws std::system_error: EADDRINUSE, EACCES, ENOENT, ENAMETOOLONG above 107 bytes, EINVAL for no name.
  static unix_listener listen(std::string_view path, int backlog = most_backlog);

  // As tcp_listener::accept().
  unix_stream accept();

  std::string path() const;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
