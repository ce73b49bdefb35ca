// Pipes, FIFOs and sockets: messages through a descriptor, copied into the kernel and out of it. (C11)
//
// A datagram carries at most 64 KiB here; a longer message is several of them. Sockets have the buffers that the system
// gives them. TCP goes through 127.0.0.1 with TCP_NODELAY.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include "suites/ipc/descriptors.hpp"
#include "suites/ipc/names.hpp"
#include "suites/ipc/processes.hpp"

namespace gobench::suites::ipc {

namespace {

class by_pipe : public descriptor_way {
 public:
  explicit by_pipe(std::size_t) {
    for (const side from : {side::asks, side::answers}) {
      std::array<int, 2> ends{};
      checked(::pipe(ends.data()), "pipe");
      of(from) = {file(ends[0]), file(ends[1])};
    }
  }
};

class by_fifo : public descriptor_way {
 public:
  explicit by_fifo(std::size_t) {
    for (const side from : {side::asks, side::answers}) {
      const std::string path = unique_path();
      kept_name name(
          "mkfifo", [&] { return ::mkfifo(path.c_str(), 0600); }, [&] { ::unlink(path.c_str()); });
      // Linux opens a FIFO for both without waiting for another process.
      file both(checked(::open(path.c_str(), O_RDWR | O_CLOEXEC), "open of a FIFO"));
      of(from).out = file(checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open of a FIFO"));
      of(from).in = file(checked(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open of a FIFO"));
      name.release();
    }
  }
};

template <int Type>
class by_unix_socket : public descriptor_way {
 public:
  explicit by_unix_socket(std::size_t)
      : descriptor_way(Type == SOCK_DGRAM ? std::size_t{1} << 16U : std::size_t{1} << 30U) {
    std::array<int, 2> ends{};
    checked(::socketpair(AF_UNIX, Type, 0, ends.data()), "socketpair");
    connect(file(ends[0]), file(ends[1]));
  }
};

class by_tcp : public descriptor_way {
 public:
  explicit by_tcp(std::size_t) {
    const file listener(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const address = reinterpret_cast<sockaddr*>(&name);
    socklen_t length = sizeof name;
    checked(::bind(listener.get(), address, length), "bind to 127.0.0.1");
    checked(::listen(listener.get(), 1), "listen on 127.0.0.1");
    checked(::getsockname(listener.get(), address, &length), "getsockname");
    file asks(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    checked(::connect(asks.get(), address, length), "connect to 127.0.0.1");
    file answers(checked(::accept(listener.get(), nullptr, nullptr), "accept on 127.0.0.1"));
    const int yes = 1;
    for (const file* one : {&asks, &answers})
      checked(::setsockopt(one->get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "TCP_NODELAY");
    connect(std::move(asks), std::move(answers));
  }
};

const more_variants pipes{"ipc", between_processes<by_pipe>("os.pipe", any_size)};
const more_variants fifos{"ipc", between_processes<by_fifo>("os.fifo", any_size)};
const more_variants stream_sockets{
    "ipc", between_processes<by_unix_socket<SOCK_STREAM>>("os.unix_stream", any_size)};
const more_variants datagram_sockets{
    "ipc", between_processes<by_unix_socket<SOCK_DGRAM>>("os.unix_datagram", any_size)};
const more_variants tcp_sockets{"ipc", between_processes<by_tcp>("os.tcp", any_size)};

}  // namespace

}  // namespace gobench::suites::ipc
