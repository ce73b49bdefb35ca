#include "primitives/internal/socket_calls.hpp"

#include <cerrno>

namespace gobench::inline GOBENCH_FLAVOUR::primitives {
namespace {

std::int64_t result(std::int64_t returned) { return returned < 0 ? -errno : returned; }

}  // namespace

std::int64_t open_socket(int family) {
  return result(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

std::int64_t open_pair(int (&both)[2]) {
  return result(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both));
}

std::int64_t accept_socket(int fd, sockaddr* from, socklen_t* size) {
  return result(::accept4(fd, from, size, SOCK_NONBLOCK | SOCK_CLOEXEC));
}

std::int64_t bind_and_listen(int fd, const sockaddr* to, socklen_t size, int backlog) {
  if (::bind(fd, to, size) != 0) return -errno;
  return result(::listen(fd, backlog));
}

std::int64_t start_connecting(int fd, const sockaddr* to, socklen_t size) {
  return result(::connect(fd, to, size));
}

std::int64_t connecting_result(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return -errno;
  if (error != 0) return -error;
  // No error is no connection yet: an edge may have come too early.
  sockaddr_storage peer{};
  socklen_t peer_size = sizeof peer;
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &peer_size) == 0) return 0;
  return errno == ENOTCONN ? -EAGAIN : -errno;
}

std::int64_t receive(int fd, std::byte* into, std::size_t size) {
  return result(::recv(fd, into, size, 0));
}

std::int64_t transmit(int fd, const std::byte* from, std::size_t size) {
  return result(::send(fd, from, size, MSG_NOSIGNAL));
}

std::int64_t shut_down(int fd, int how) { return result(::shutdown(fd, how)); }

std::int64_t set_option(int fd, int level, int option, int value) {
  return result(::setsockopt(fd, level, option, &value, sizeof value));
}

std::int64_t local_name(int fd, sockaddr* name, socklen_t* size) {
  return result(::getsockname(fd, name, size));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
