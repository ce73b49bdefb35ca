#include "suites/reactor/servers.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <gobench.hpp>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <vector>

#include "suites/team.hpp"

namespace gobench::suites::reactor {
namespace {

class task_server : public server {
 public:
  std::uint16_t port() const override { return at_.local_address().port(); }
  void stop() noexcept override { at_.close(); }

  void serve(const protocol& speaks, const point& where) override {
    gobench::run(options_at(where), [&] {
      wait_group ended;
      try {
        for (int i = 0; i < where.tasks; ++i) {
          net::tcp_stream accepted = at_.accept();
          ended.add();
          gobench::go([&speaks, &ended, one = std::move(accepted)]() mutable {
            try {
              converse(
                  speaks, [&](std::span<char> into) { return one.read(into); },
                  [&](std::string_view text) { one.write(text); });
            } catch (const std::system_error&) {
              // The client ends its connections by a reset. If it was not at the end, it says so itself.
            }
            one.close();
            ended.done();
          });
        }
      } catch (const net::closed_error&) {
      }
      ended.wait();
    });
  }

 private:
  net::tcp_listener at_ = net::tcp_listener::listen("127.0.0.1:0");
};

// A listening socket in the hands of the kernel's own calls.
class plain_server : public server {
 public:
  std::uint16_t port() const override { return at_.port(); }
  void stop() noexcept override { ::shutdown(fd_, SHUT_RD); }  // accept() fails from now on
  ~plain_server() override { ::close(fd_); }

 protected:
  plain_server() {
    net::address any = net::address::loopback(0);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    socklen_t size = sizeof name;
    if (fd_ < 0 || ::bind(fd_, any.data(), any.size()) != 0 || ::listen(fd_, SOMAXCONN) != 0 ||
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&name), &size) != 0)
      throw std::system_error(errno, std::generic_category(), "listening at 127.0.0.1");
    at_ = net::address(reinterpret_cast<const sockaddr*>(&name), size);
  }

  // The next connection; -1 when no more come.
  int accept_one() const {
    for (;;) {
      const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
      const int on = 1;
      if (fd >= 0) ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      return fd;
    }
  }

  int fd_ = -1;
  net::address at_;
};

class thread_server : public plain_server {
 public:
  void serve(const protocol& speaks, const point& where) override {
    std::vector<std::thread> threads;
    threads.reserve(static_cast<std::size_t>(where.tasks));
    for (int i = 0; i < where.tasks; ++i) {
      const int fd = accept_one();
      if (fd < 0) break;
      threads.emplace_back([&speaks, fd] {
        converse(
            speaks,
            [fd](std::span<char> into) {
              const ssize_t got = ::recv(fd, into.data(), into.size(), 0);
              return got < 0 ? 0 : static_cast<std::size_t>(got);
            },
            // A blocking send takes all of it, or the connection is over.
            [fd](std::string_view text) {
              static_cast<void>(::send(fd, text.data(), text.size(), MSG_NOSIGNAL));
            });
        ::close(fd);
      });
    }
    for (std::thread& one : threads) one.join();
  }
};

// Answers are smaller than a socket's buffer and a client waits for each, so a send is never refused for want of room; if
// it were, the connection would be closed and the client would say so.
class loop_server : public plain_server {
 public:
  void serve(const protocol& speaks, const point& where) override {
    struct connection {
      std::array<char, buffer_bytes> buffer;
      std::size_t have = 0;
    };
    std::unordered_map<int, connection> open;
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    const auto watch = [epoll](int fd) {
      epoll_event interest{};
      interest.events = EPOLLIN;
      interest.data.fd = fd;
      ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &interest);
    };
    watch(fd_);
    int left = where.tasks;
    std::array<epoll_event, 256> events;
    std::array<char, buffer_bytes> answer;
    while (left > 0 || !open.empty()) {
      const int got = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < got; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == fd_) {
          const int accepted = accept_one();
          left = accepted < 0 ? 0 : left - 1;
          if (accepted >= 0) {
            open[accepted];
            watch(accepted);
          }
          if (left == 0) ::epoll_ctl(epoll, EPOLL_CTL_DEL, fd_, nullptr);
          continue;
        }
        connection& one = open[fd];
        const ssize_t read =
            ::recv(fd, one.buffer.data() + one.have, one.buffer.size() - one.have, MSG_DONTWAIT);
        bool over = read == 0 || (read < 0 && errno != EAGAIN && errno != EINTR);
        if (read > 0) {
          one.have += static_cast<std::size_t>(read);
          const exchange made = speaks.serve({one.buffer.data(), one.have}, answer);
          if (made.consumed != 0) {
            one.have = 0;
            over = ::send(fd, answer.data(), made.answered, MSG_NOSIGNAL | MSG_DONTWAIT) !=
                   static_cast<ssize_t>(made.answered);
          }
        }
        if (over) {
          ::close(fd);
          open.erase(fd);
        }
      }
    }
    ::close(epoll);
  }
};

}  // namespace

std::unique_ptr<server> by_tasks() { return std::make_unique<task_server>(); }
std::unique_ptr<server> by_threads() { return std::make_unique<thread_server>(); }
std::unique_ptr<server> by_event_loop() { return std::make_unique<loop_server>(); }

}  // namespace gobench::suites::reactor
