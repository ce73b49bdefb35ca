// Where a socket is: an IP address with a port.
//
//   gobench::net::address here("127.0.0.1:8080");      // or "[::1]:8080"; no names
//   for (const auto& one : gobench::net::resolve("localhost:8080")) ...
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

// A value. Default-constructed it is no address: "-", port 0.
class address {
 public:
  address() noexcept = default;
  // "1.2.3.4:80" or "[::1]:80". Throws std::invalid_argument with a sentence for anything else; names are for
  // resolve().
  explicit address(std::string_view text);
  // As the kernel has it; of a family other than AF_INET and AF_INET6 it is no address.
  address(const sockaddr* from, socklen_t size) noexcept;

  static address loopback(std::uint16_t port) noexcept;     // 127.0.0.1
  static address loopback_v6(std::uint16_t port) noexcept;  // ::1

  int family() const noexcept { return storage_.any.sa_family; }
  std::uint16_t port() const noexcept;
  // "127.0.0.1:80", "[::1]:80".
  std::string to_string() const;

  const sockaddr* data() const noexcept { return &storage_.any; }
  socklen_t size() const noexcept;

  friend bool operator==(const address& a, const address& b) noexcept;

 private:
  union {
    sockaddr_in6 v6;  // the largest first, so that all of it is zero in the beginning
    sockaddr_in v4;
    sockaddr any;
  } storage_{};
};

// The addresses of "host:port"; host is a name, an IPv4 address or an IPv6 address in brackets, and port a number or the
// name of a service. An empty host means all addresses of this machine if `to_listen`, otherwise this machine itself. In the
// order in which to try them. Asks the system (getaddrinfo), inside blocking(). Throws std::invalid_argument
// for what is no "host:port", std::system_error when the name is not known or cannot be asked for.
std::vector<address> resolve(std::string_view host_and_port, bool to_listen = false);

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
