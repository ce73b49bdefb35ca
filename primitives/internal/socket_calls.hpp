// The calls of the kernel that the network makes: each returns what it gives, or the error as its negative number.
//
// They are functions of their own, never inlined, because a fiber may be on another thread after a wait, and the compiler
// keeps the address of errno over everything that it can look into.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::primitives {

// Where what was done before a write, a connect or a close meets what is done after the read or accept that sees
// it. One for all connections, as ThreadSanitizer has it for sockets: who is at the other end is not known here, so
// there are a few edges more than there should be.
inline constexpr char wire = 0;

// Non-blocking and closed on exec, as all sockets here.
std::int64_t open_socket(int family);
std::int64_t open_pair(int (&both)[2]);
std::int64_t accept_socket(int fd, sockaddr* from, socklen_t* size);
std::int64_t bind_and_listen(int fd, const sockaddr* to, socklen_t size, int backlog);
std::int64_t start_connecting(int fd, const sockaddr* to, socklen_t size);
// 0 when it is connected, -EAGAIN while that is under way.
std::int64_t connecting_result(int fd);
std::int64_t receive(int fd, std::byte* into, std::size_t size);
std::int64_t transmit(int fd, const std::byte* from, std::size_t size);  // without SIGPIPE
std::int64_t shut_down(int fd, int how);
std::int64_t set_option(int fd, int level, int option, int value);
std::int64_t local_name(int fd, sockaddr* name, socklen_t* size);

}  // namespace gobench::inline GOBENCH_FLAVOUR::primitives
