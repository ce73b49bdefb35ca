// TCP streams and listeners.
//
//   auto server = gobench::net::tcp_listener::listen("127.0.0.1:0");
//   gobench::go([&] {
//     auto connection = server.accept();
//     connection.write("hello\n");
//   });
//   auto client = gobench::net::tcp_stream::connect(server.local_address());
//
// Source of the semantics: Go's net.TCPConn and net.TCPListener.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "primitives/net/address.hpp"
#include "primitives/net/listener.hpp"
#include "primitives/net/stream.hpp"
#include "runtime/flavour.hpp"
#include "runtime/task.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

// Nagle's algorithm is off, as in Go: what is written is sent. Throws as stream does.
class tcp_stream : public stream {
 public:
  // No stream: every operation throws closed_error.
  tcp_stream() noexcept = default;
  tcp_stream(tcp_stream&& other) noexcept = default;
  tcp_stream& operator=(tcp_stream&& other) noexcept = default;

  // Connects, by the deadline. Of a name's addresses each is tried in turn, within the same deadline; when none
  // answers, the error is the last one's. Looking up a name cannot be cut short. Throws timeout_error,
  // std::system_error (ECONNREFUSED, ...), std::invalid_argument for what is no "host:port".
  static tcp_stream connect(const address& to, steady_time deadline = no_deadline);
  static tcp_stream connect(std::string_view host_and_port, steady_time deadline = no_deadline);
  template <class Where, class Rep, class Period>
  static tcp_stream connect(const Where& to, std::chrono::duration<Rep, Period> at_most) {
    return connect(to, runtime::deadline_after(at_most));
  }

  // False lets the kernel collect small writes to larger packets.
  void set_no_delay(bool on);

  address peer_address() const;   // also after close(); none without a stream
  address local_address() const;  // throws closed_error

 private:
  friend class tcp_listener;
  tcp_stream(runtime::descriptor file, const address& peer);
};

// Accepts TCP connections.
class tcp_listener : public listener {
 public:
  tcp_listener() noexcept = default;
  tcp_listener(tcp_listener&& other) noexcept = default;
  tcp_listener& operator=(tcp_listener&& other) noexcept = default;

  // Port 0 takes a free one; see local_address(). An empty host (":80") takes connections to every address of this
  // machine, IPv6 and IPv4. Of a name's addresses the first that can be had is taken. `backlog` connections may
  // wait to be accepted (the system's net.core.somaxconn is the most). The port can be had again right
  // after an earlier listener has closed it (SO_REUSEADDR). Throws std::system_error (EADDRINUSE, EACCES, ...) and
  // std::invalid_argument.
  static tcp_listener listen(const address& at, int backlog = most_backlog);
  static tcp_listener listen(std::string_view host_and_port, int backlog = most_backlog);

  // Waits for a connection. A connection that its peer has given up meanwhile is passed over. Throws timeout_error,
  // closed_error, and std::system_error EMFILE or ENFILE when there are no file descriptors left: then the
  // connection goes on waiting, so close something, or sleep, before accepting again.
  tcp_stream accept();

  address local_address() const;  // throws closed_error
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
