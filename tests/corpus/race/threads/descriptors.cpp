// File descriptors as synchronisation: what is written before a write is there after the read of it.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstdlib>

#include "tests/corpus/race/threads.hpp"

namespace {

using corpus::race_case;

void expect(bool fine) {
  if (!fine) std::abort();
}

// A message through a descriptor; the value is written before it is sent, or after.
template <class Channel>
struct told_by : race_case {
  Channel channel;
  long value = 0;
  long seen = 0;
  void first() {
    if (twin()) value = 1;
    channel.tell();
    if (!twin()) value = 1;
  }
  void second() {
    channel.listen();
    seen = value;
  }
};

struct a_pipe {
  a_pipe() { expect(::pipe(ends) == 0); }
  void tell() { expect(::write(ends[1], "x", 1) == 1); }
  void listen() {
    char got = 0;
    expect(::read(ends[0], &got, 1) == 1);
  }
  int ends[2] = {};
};
struct a_socketpair {
  a_socketpair() { expect(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0); }
  void tell() { expect(::send(ends[1], "x", 1, 0) == 1); }
  void listen() {
    char got = 0;
    expect(::recv(ends[0], &got, 1, 0) == 1);
  }
  int ends[2] = {};
};
// The other direction, and other calls.
struct a_socketpair_back : a_socketpair {
  void tell() { expect(::write(ends[0], "x", 1) == 1); }
  void listen() {
    char got = 0;
    expect(::read(ends[1], &got, 1) == 1);
  }
};
struct datagrams {
  datagrams() { expect(::socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0); }
  void tell() {
    char one = 'x';
    iovec part{&one, 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    expect(::sendmsg(ends[1], &message, 0) == 1);
  }
  void listen() {
    char one = 0;
    iovec part{&one, 1};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    expect(::recvmsg(ends[0], &message, 0) == 1);
  }
  int ends[2] = {};
};
struct an_eventfd {
  void tell() {
    const std::uint64_t one = 1;
    expect(::write(fd, &one, sizeof one) == sizeof one);
  }
  void listen() {
    std::uint64_t got = 0;
    expect(::read(fd, &got, sizeof got) == sizeof got);
  }
  int fd = ::eventfd(0, 0);
};
struct a_file {
  a_file() : fd(::open("/tmp", O_TMPFILE | O_RDWR, 0600)) { expect(fd >= 0); }
  explicit a_file(int opened) : fd(opened) { expect(fd >= 0); }
  void tell() { expect(::pwrite(fd, "x", 1, 0) == 1); }
  void listen() {
    char got = 0;
    expect(::pread(fd, &got, 1, 0) == 1);
  }
  int fd;
};
struct a_temporary_file : a_file {
  a_temporary_file() : a_file(make()) {}
  static int make() {
    char path[] = "/tmp/gobench_corpus_XXXXXX";
    const int made = ::mkstemp(path);
    ::unlink(path);
    return made;
  }
};
// The reader waits in epoll first.
struct through_epoll : a_pipe {
  through_epoll() {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    expect(::epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &wanted) == 0);
  }
  void listen() {
    epoll_event got{};
    expect(::epoll_wait(epoll, &got, 1, 60'000) == 1);
    a_pipe::listen();
  }
  int epoll = ::epoll_create1(0);
};
struct through_poll : a_pipe {
  void listen() {
    pollfd wanted{ends[0], POLLIN, 0};
    expect(::poll(&wanted, 1, 60'000) == 1);
    a_pipe::listen();
  }
};
struct end_of_file : a_pipe {
  void tell() { expect(::close(ends[1]) == 0); }
  void listen() {
    char got = 0;
    expect(::read(ends[0], &got, 1) == 0);
  }
};
struct a_duplicate : a_pipe {
  void tell() { expect(::write(again, "x", 1) == 1); }
  int again = ::dup(ends[1]);
};

#define CORPUS_TOLD_BY(name, channel, construct) \
  struct name : told_by<channel> {               \
    void first() { told_by::first(); }           \
    void second() { told_by::second(); }         \
  };                                             \
  CORPUS_CASE(name, construct)

CORPUS_TOLD_BY(fd_pipe, a_pipe, "a pipe; a write to memory after the one to the pipe");
CORPUS_TOLD_BY(fd_socketpair, a_socketpair, "a pair of sockets, by send and recv");
CORPUS_TOLD_BY(fd_socketpair_back, a_socketpair_back,
               "a pair of sockets, the other way, by write and read");
CORPUS_TOLD_BY(fd_datagrams, datagrams, "a pair of datagram sockets, by sendmsg and recvmsg");
CORPUS_TOLD_BY(fd_eventfd, an_eventfd, "an eventfd");
CORPUS_TOLD_BY(fd_file, a_file, "a file, by pwrite and pread");
CORPUS_TOLD_BY(fd_temporary_file, a_temporary_file, "a file made by mkstemp");
CORPUS_TOLD_BY(fd_epoll, through_epoll, "epoll_wait, then read");
CORPUS_TOLD_BY(fd_poll, through_poll, "poll, then read");
CORPUS_TOLD_BY(fd_closed, end_of_file, "the end of a pipe that was closed");
CORPUS_TOLD_BY(fd_duplicate, a_duplicate, "a pipe through a descriptor made by dup");
#undef CORPUS_TOLD_BY

// Two writers of one pipe are not ordered by it.
struct fd_two_writers : race_case {
  a_pipe pipe;
  long value = 0;
  void first() {
    value = 1;
    pipe.tell();
  }
  void second() {
    if (twin()) pipe.listen();
    value = 2;
    if (!twin()) pipe.tell();
  }
};
CORPUS_CASE(fd_two_writers, "two writers of one pipe");

struct fd_two_pipes : race_case {
  a_pipe one;
  a_pipe other;
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    one.tell();
    if (!twin()) other.tell();
  }
  void second() {
    if (twin()) one.listen();
    seen = value;
  }
};
CORPUS_CASE(fd_two_pipes, "a pipe that the other side does not read");

struct fd_empty_read : race_case {
  static constexpr bool together = true;
  a_pipe pipe;
  long value = 0;
  long seen = 0;
  void first() {
    value = 1;
    reach(1);
    await(2);
    pipe.tell();
  }
  void second() {
    await(1);
    expect(::fcntl(pipe.ends[0], F_SETFL, O_NONBLOCK) == 0);
    char got = 0;
    expect(::read(pipe.ends[0], &got, 1) == -1);
    if (!twin()) seen = value;
    reach(2);
    expect(::fcntl(pipe.ends[0], F_SETFL, 0) == 0);
    pipe.listen();
    if (twin()) seen = value;
  }
};
CORPUS_CASE(fd_empty_read, "a read of a pipe that is empty (EAGAIN)");

}  // namespace
