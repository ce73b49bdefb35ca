// Descriptors and streams as synchronisation.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "tests/interposed/cases.hpp"

using namespace interposed;

namespace {

int value = 0;
char shared_buffer[64];

// `send` comes after a write of the value in one thread, `receive` before one in the other.
template <typename Send, typename Receive>
void handed_over(Send send, Receive receive) {
  both(
      [=] {
        for (int i = 0; i < 3; ++i) {
          value = i;
          send();
        }
      },
      [=] {
        // Only the first message orders the first value, so only after the last one it is touched.
        for (int i = 0; i < 3; ++i) receive();
        ++value;
      });
}

void send_byte(int fd) { CHECK(write(fd, "x", 1) == 1); }
void get_byte(int fd) {
  char letter = 0;
  CHECK(read(fd, &letter, 1) == 1);
}

std::string temporary_file() {
  char name[] = "/tmp/gobench-interposed-XXXXXX";
  close(mkstemp(name));
  return name;
}

}  // namespace

SILENT(pipe_read_write) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  handed_over([=] { send_byte(ends[1]); }, [=] { get_byte(ends[0]); });
}
SILENT(pipe2_vectors) {
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  handed_over(
      [=] {
        char letters[2] = {'a', 'b'};
        const iovec parts[2] = {{letters, 1}, {letters + 1, 1}};
        CHECK(writev(ends[1], parts, 2) == 2);
      },
      [=] {
        char letters[2];
        const iovec parts[2] = {{letters, 1}, {letters + 1, 1}};
        CHECK(readv(ends[0], parts, 2) == 2);
      });
}
SILENT(pipe_end_of_file) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  both(
      [=] {
        value = 1;
        close(ends[1]);
      },
      [=] {
        char letter;
        CHECK(read(ends[0], &letter, 1) == 0);
        ++value;
      });
}
SILENT(pipe_duplicated) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  const int in = dup(ends[0]);
  const int out = dup2(ends[1], 100);
  const int again = fcntl(out, F_DUPFD, 50);
  handed_over([=] { send_byte(again); }, [=] { get_byte(in); });
}
SILENT(pipe_by_poll) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  handed_over([=] { send_byte(ends[1]); },
              [=] {
                pollfd waits{ends[0], POLLIN, 0};
                CHECK(poll(&waits, 1, -1) == 1);
                fd_set set;
                FD_ZERO(&set);
                FD_SET(ends[0], &set);
                CHECK(select(ends[0] + 1, &set, nullptr, nullptr, nullptr) == 1);
                get_byte(ends[0]);
              });
}
SILENT(pipe_poll_without_read) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  both(
      [=] {
        value = 1;
        send_byte(ends[1]);
      },
      [=] {
        pollfd waits{ends[0], POLLIN, 0};
        CHECK(poll(&waits, 1, -1) == 1);
        ++value;
      });
}
SILENT(pipe_splice) {
  int first[2];
  int second[2];
  CHECK(pipe(first) == 0 && pipe(second) == 0);
  both(
      [=] {
        value = 1;
        send_byte(first[1]);
        get_byte(second[0]);
        ++value;
      },
      [=] {
        ssize_t moved = splice(first[0], nullptr, second[1], nullptr, 1, 0);
        CHECK(moved == 1);
      });
}
RACY(pipe_other_one) {
  int first[2];
  int second[2];
  CHECK(pipe(first) == 0 && pipe(second) == 0);
  send_byte(second[1]);
  unordered(
      [=] {
        value = 1;
        send_byte(first[1]);
      },
      [=] {
        get_byte(second[0]);
        ++value;
      });
}
RACY(read_into_shared_buffer) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(write(ends[1], "abcd", 4) == 4);
  const auto work = [=] { CHECK(read(ends[0], shared_buffer, 2) == 2); };
  unordered(work, work);
}
RACY(write_from_shared_buffer) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  unordered([=] { CHECK(write(ends[1], shared_buffer, 4) == 4); }, [] { shared_buffer[2] = 1; });
}
SILENT(eventfd_counts) {
  const int events = eventfd(0, EFD_SEMAPHORE);
  handed_over(
      [=] {
        const std::uint64_t one = 1;
        CHECK(write(events, &one, 8) == 8);
      },
      [=] {
        std::uint64_t got = 0;
        CHECK(read(events, &got, 8) == 8);
      });
  handed_over([=] { eventfd_write(events, 1); },
              [=] {
                eventfd_t got = 0;
                eventfd_read(events, &got);
              });
}
SILENT(eventfd_epoll) {
  const int events = eventfd(0, 0);
  const int waits = epoll_create1(0);
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  CHECK(epoll_ctl(waits, EPOLL_CTL_ADD, events, &wanted) == 0);
  both(
      [=] {
        value = 1;
        eventfd_write(events, 1);
      },
      [=] {
        epoll_event got{};
        CHECK(epoll_wait(waits, &got, 1, -1) == 1);
        ++value;
      });
}
SILENT(epoll_knows_who_added) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  const int waits = epoll_create(1);
  send_byte(ends[1]);
  both(
      [=] {
        auto* state = new int(7);
        epoll_event wanted{};
        wanted.events = EPOLLIN;
        wanted.data.ptr = state;
        CHECK(epoll_ctl(waits, EPOLL_CTL_ADD, ends[0], &wanted) == 0);
      },
      [=] {
        epoll_event got{};
        CHECK(epoll_wait(waits, &got, 1, -1) == 1);
        CHECK(++*static_cast<int*>(got.data.ptr) == 8);
      });
}
SILENT(timerfd_set_before_read) {
  const int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  both(
      [=] {
        value = 1;
        itimerspec soon{};
        soon.it_value.tv_nsec = 1000000;
        timerfd_settime(timer, 0, &soon, nullptr);
      },
      [=] {
        std::uint64_t count = 0;
        CHECK(read(timer, &count, 8) == 8);
        ++value;
      });
}
SILENT(socketpair_send_recv) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  handed_over([=] { CHECK(send(ends[1], "x", 1, 0) == 1); },
              [=] {
                char letter;
                CHECK(recv(ends[0], &letter, 1, 0) == 1);
              });
}
SILENT(socketpair_messages) {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) == 0);
  handed_over(
      [=] {
        char letter = 'x';
        iovec part{&letter, 1};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        CHECK(sendmsg(ends[1], &message, 0) == 1);
      },
      [=] {
        char letter = 0;
        iovec part{&letter, 1};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        CHECK(recvmsg(ends[0], &message, 0) == 1);
      });
}
SILENT(socket_loopback) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  static sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof where;
  CHECK(bind(listener, reinterpret_cast<sockaddr*>(&where), size) == 0);
  CHECK(listen(listener, 5) == 0);
  CHECK(getsockname(listener, reinterpret_cast<sockaddr*>(&where), &size) == 0);
  both(
      [=] {
        const int client = socket(AF_INET, SOCK_STREAM, 0);
        value = 1;
        CHECK(connect(client, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0);
        send_byte(client);
        get_byte(client);
        ++value;
        close(client);
      },
      [=] {
        const int server = accept(listener, nullptr, nullptr);
        get_byte(server);
        ++value;
        send_byte(server);
        close(server);
      });
}
SILENT(socket_descriptor_in_message) {
  // One end travels to a new number; what goes through it is still before what comes out.
  int carrier[2];
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, carrier) == 0);
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  char letter = 'x';
  iovec part{&letter, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  std::memcpy(CMSG_DATA(header), &ends[0], sizeof(int));
  CHECK(sendmsg(carrier[0], &message, 0) == 1);
  CHECK(recvmsg(carrier[1], &message, 0) == 1);
  int arrived = -1;
  std::memcpy(&arrived, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
  CHECK(arrived >= 0 && arrived != ends[0]);
  const int out = ends[1];
  handed_over([=] { send_byte(out); }, [=] { get_byte(arrived); });
  handed_over([=] { send_byte(arrived); }, [=] { get_byte(out); });
}
SILENT(file_through_two_descriptors) {
  const std::string name = temporary_file();
  const int out = open(name.c_str(), O_WRONLY);
  const int in = open(name.c_str(), O_RDONLY);
  handed_over([=] { send_byte(out); },
              [=] {
                char letter;
                while (read(in, &letter, 1) != 1) usleep(500);
              });
  unlink(name.c_str());
}
SILENT(file_pread_pwrite) {
  const std::string name = temporary_file();
  const int out = open(name.c_str(), O_RDWR);
  both(
      [=] {
        value = 1;
        CHECK(pwrite(out, "x", 1, 5) == 1);
      },
      [=] {
        char letter;
        while (pread(out, &letter, 1, 5) != 1) usleep(500);
        ++value;
      });
  unlink(name.c_str());
}
SILENT(file_locks_of_open_files) {
  const std::string name = temporary_file();
  const auto work = [=] {
    const int file = open(name.c_str(), O_RDWR);
    for (int i = 0; i < 100; ++i) {
      CHECK(flock(file, LOCK_EX) == 0);
      ++value;
      CHECK(flock(file, LOCK_UN) == 0);
    }
    close(file);
  };
  both(work, work);
  CHECK(value == 200);
  unlink(name.c_str());
}
SILENT(stream_over_pipe) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  static FILE* in;
  static FILE* out;
  in = fdopen(ends[0], "r");
  out = fdopen(ends[1], "w");
  handed_over(
      [] {
        std::fprintf(out, "line %d\n", 5);
        std::fputs("another\n", out);
        std::fflush(out);
      },
      [] {
        char line[64];
        CHECK(std::fgets(line, sizeof line, in) != nullptr);
        int got = std::fgetc(in);
        CHECK(got == 'a');
        CHECK(std::fread(line, 1, 7, in) == 7);
      });
  std::fclose(in);
  std::fclose(out);
}
SILENT(stream_flockfile) {
  const auto work = [] {
    for (int i = 0; i < 500; ++i) {
      flockfile(stdout);
      ++value;
      funlockfile(stdout);
    }
  };
  both(work, work);
  CHECK(value == 1000);
}
RACY(stream_prints_order_nothing) {
  const auto work = [] {
    ++value;
    std::fprintf(stderr, "%s", "");
  };
  unordered(work, work);
}
SILENT(stream_getline_in_turns) {
  FILE* file = std::tmpfile();
  for (int i = 0; i < 100; ++i) std::fprintf(file, "line number %d\n", i);
  std::rewind(file);
  char* line = nullptr;
  std::size_t size = 0;
  for (int i = 0; i < 100; ++i) CHECK(getline(&line, &size, file) > 0);
  std::free(line);
  std::fclose(file);
}
SILENT(descriptors_open_and_close_in_threads) {
  const auto work = [] {
    for (int i = 0; i < 300; ++i) {
      const int file = open("/dev/null", O_RDWR | O_CLOEXEC);
      CHECK(file >= 0);
      send_byte(file);
      close(file);
    }
  };
  both(work, work);
}
