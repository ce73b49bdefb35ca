// Sockets. What goes through one is before what comes out of any other that is not known to be a pair.
#include <netdb.h>
#include <sys/socket.h>

#include "detector/explore/blocking_calls.hpp"
#include "detector/interpose/blocking.hpp"
#include "detector/interpose/descriptors.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

using namespace descriptors;

GOBENCH_REAL_TYPE(connect, int(int, const sockaddr*, socklen_t));
GOBENCH_REAL_TYPE(accept, int(int, sockaddr*, socklen_t*));
GOBENCH_REAL_TYPE(accept4, int(int, sockaddr*, socklen_t*, int));
GOBENCH_REAL(listen);
GOBENCH_REAL(shutdown);
GOBENCH_REAL(recv);
GOBENCH_REAL_TYPE(recvfrom, ssize_t(int, void*, std::size_t, int, sockaddr*, socklen_t*));
GOBENCH_REAL(recvmsg);
GOBENCH_REAL_TYPE(recvmmsg, int(int, mmsghdr*, unsigned, int, timespec*));
GOBENCH_REAL(send);
GOBENCH_REAL_TYPE(sendto, ssize_t(int, const void*, std::size_t, int, const sockaddr*, socklen_t));
GOBENCH_REAL(sendmsg);
GOBENCH_REAL_TYPE(sendmmsg, int(int, mmsghdr*, unsigned, int));
GOBENCH_REAL_TYPE(__recv_chk, ssize_t(int, void*, std::size_t, std::size_t, int));
GOBENCH_REAL_TYPE(__recvfrom_chk,
                  ssize_t(int, void*, std::size_t, std::size_t, int, sockaddr*, socklen_t*));

namespace {

void received(int fd, const msghdr& message, std::size_t size, address pc) noexcept {
  if (message.msg_controllen != 0) received_in_message();
  was_read(fd);
  buffers_written(message.msg_iov, message.msg_iovlen, size, pc);
}

void sending(int fd, const msghdr& message, address pc) noexcept {
  if (message.msg_controllen != 0) received_in_message();
  buffers_read(message.msg_iov, message.msg_iovlen, pc);
  written(fd);
}

// The call, which is a cancellation point; under exploration, when it does not block.
template <typename Call>
auto once_ready(int fd, short events, int flags, address pc, Call call) {
  return cancellation_point([=]() -> decltype(call()) {
    return (flags & MSG_DONTWAIT) != 0 || explore::await(fd, events, pc) ? call() : -1;
  });
}

template <typename Receive>
ssize_t receiving(int fd, void* buffer, std::size_t size, int flags, address pc,
                  Receive real_receive) {
  const ssize_t got = once_ready(fd, POLLIN, flags, pc, real_receive);
  if (got < 0) return got;
  was_read(fd);
  const auto length = static_cast<std::size_t>(got);  // with MSG_TRUNC more than was stored
  buffer_written(buffer, length < size ? length : size, pc);
  return got;
}

}  // namespace

#define GOBENCH_PC GOBENCH_CALLER_PC()

GOBENCH_INTERPOSED(int, connect, int fd, const sockaddr* to, socklen_t size) {
  written(fd);
  const int failed = cancellation_point([=] { return real_connect(fd, to, size); });
  if (failed == 0) was_read(fd);
  return failed;
}
GOBENCH_INTERPOSED(int, listen, int fd, int most) {
  written(fd);
  return real_listen(fd, most);
}
GOBENCH_INTERPOSED(int, accept, int fd, sockaddr* from, socklen_t* size) {
  const int made =
      once_ready(fd, POLLIN, 0, GOBENCH_PC, [=] { return real_accept(fd, from, size); });
  if (made >= 0) was_read(fd);
  return opened(made);
}
GOBENCH_INTERPOSED(int, accept4, int fd, sockaddr* from, socklen_t* size, int flags) {
  const int made =
      once_ready(fd, POLLIN, 0, GOBENCH_PC, [=] { return real_accept4(fd, from, size, flags); });
  if (made >= 0) was_read(fd);
  return opened(made);
}
GOBENCH_INTERPOSED(int, shutdown, int fd, int how) {
  written(fd);
  return real_shutdown(fd, how);
}

GOBENCH_INTERPOSED(ssize_t, recv, int fd, void* buffer, std::size_t size, int flags) {
  return receiving(fd, buffer, size, flags, GOBENCH_PC,
                   [=] { return real_recv(fd, buffer, size, flags); });
}
GOBENCH_INTERPOSED(ssize_t, __recv_chk, int fd, void* buffer, std::size_t size, std::size_t room,
                   int flags) {
  return receiving(fd, buffer, size, flags, GOBENCH_PC,
                   [=] { return real___recv_chk(fd, buffer, size, room, flags); });
}
GOBENCH_INTERPOSED(ssize_t, recvfrom, int fd, void* buffer, std::size_t size, int flags,
                   sockaddr* from, socklen_t* from_size) {
  return receiving(fd, buffer, size, flags, GOBENCH_PC,
                   [=] { return real_recvfrom(fd, buffer, size, flags, from, from_size); });
}
GOBENCH_INTERPOSED(ssize_t, __recvfrom_chk, int fd, void* buffer, std::size_t size,
                   std::size_t room, int flags, sockaddr* from, socklen_t* from_size) {
  return receiving(fd, buffer, size, flags, GOBENCH_PC, [=] {
    return real___recvfrom_chk(fd, buffer, size, room, flags, from, from_size);
  });
}
GOBENCH_INTERPOSED(ssize_t, recvmsg, int fd, msghdr* message, int flags) {
  const ssize_t got =
      once_ready(fd, POLLIN, flags, GOBENCH_PC, [=] { return real_recvmsg(fd, message, flags); });
  if (got >= 0) received(fd, *message, static_cast<std::size_t>(got), GOBENCH_PC);
  return got;
}
GOBENCH_INTERPOSED(int, recvmmsg, int fd, mmsghdr* messages, unsigned count, int flags,
                   timespec* most) {
  const int got = once_ready(fd, POLLIN, flags, GOBENCH_PC,
                             [=] { return real_recvmmsg(fd, messages, count, flags, most); });
  for (int i = 0; i < got; ++i) received(fd, messages[i].msg_hdr, messages[i].msg_len, GOBENCH_PC);
  return got;
}

GOBENCH_INTERPOSED(ssize_t, send, int fd, const void* buffer, std::size_t size, int flags) {
  buffer_read(buffer, size, GOBENCH_PC);
  written(fd);
  return once_ready(fd, POLLOUT, flags, GOBENCH_PC,
                    [=] { return real_send(fd, buffer, size, flags); });
}
GOBENCH_INTERPOSED(ssize_t, sendto, int fd, const void* buffer, std::size_t size, int flags,
                   const sockaddr* to, socklen_t to_size) {
  buffer_read(buffer, size, GOBENCH_PC);
  written(fd);
  return once_ready(fd, POLLOUT, flags, GOBENCH_PC,
                    [=] { return real_sendto(fd, buffer, size, flags, to, to_size); });
}
GOBENCH_INTERPOSED(ssize_t, sendmsg, int fd, const msghdr* message, int flags) {
  sending(fd, *message, GOBENCH_PC);
  return once_ready(fd, POLLOUT, flags, GOBENCH_PC,
                    [=] { return real_sendmsg(fd, message, flags); });
}
GOBENCH_INTERPOSED(int, sendmmsg, int fd, mmsghdr* messages, unsigned count, int flags) {
  for (unsigned i = 0; i < count; ++i) sending(fd, messages[i].msg_hdr, GOBENCH_PC);
  return once_ready(fd, POLLOUT, flags, GOBENCH_PC,
                    [=] { return real_sendmmsg(fd, messages, count, flags); });
}

}  // namespace gobench::detector::interpose
