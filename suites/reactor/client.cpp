#include "suites/reactor/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "results/statistics.hpp"

namespace gobench::suites::reactor {
namespace {

using clock = std::chrono::steady_clock;

constexpr int group = 256;  // connections opened before the first of them is used
constexpr int longest_wait_ms = 60'000;

[[noreturn]] void refuse(const char* doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

class client {
 public:
  client(const protocol& speaks, const load& what)
      : speaks_(speaks), what_(what), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) refuse("epoll_create1");
    connections_.resize(static_cast<std::size_t>(what.connections));
  }
  ~client() {
    for (const connection& one : connections_)
      if (one.fd >= 0) ::close(one.fd);
    ::close(epoll_);
  }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void connect_all() {
    for (int first = 0; first < what_.connections; first += group) {
      const int last = std::min(first + group, what_.connections);
      for (int i = first; i < last; ++i) connect(i);
      to_send_ = static_cast<std::uint64_t>(last - first);
      for (int i = first; i < last; ++i) send_next(connections_[static_cast<std::size_t>(i)]);
      receive_all();
    }
    latencies_.clear();
    answers_ = 0;
  }

  load_report work() {
    latencies_.reserve(std::min<std::uint64_t>(what_.requests, 1000000));
    to_send_ = what_.requests;
    const clock::time_point start = clock::now();
    const std::chrono::duration<double> most(std::min(what_.most_seconds, 1e6));
    stop_at_ = start + std::chrono::duration_cast<clock::duration>(most);
    for (connection& one : connections_) send_next(one);
    receive_all();
    load_report made;
    made.seconds = std::chrono::duration<double>(clock::now() - start).count();
    made.answers = answers_;
    std::ranges::sort(latencies_);
    made.p50_ns = results::quantile(latencies_, 0.5);
    made.p90_ns = results::quantile(latencies_, 0.9);
    made.p99_ns = results::quantile(latencies_, 0.99);
    made.p999_ns = results::quantile(latencies_, 0.999);
    return made;
  }

 private:
  struct connection {
    int fd = -1;
    clock::time_point sent;
    std::string expected;
    std::string got;
  };

  void connect(int i) {
    connection& one = connections_[static_cast<std::size_t>(i)];
    one.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (one.fd < 0) refuse("opening a socket");
    // The end of a connection is a reset: thousands of ports in TIME_WAIT would be missing in the next sample.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(one.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    const int on = 1;
    ::setsockopt(one.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(what_.port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(one.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
      refuse("connecting");
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.u32 = static_cast<std::uint32_t>(i);
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, one.fd, &interest) != 0) refuse("epoll_ctl");
  }

  // The next request over this connection, if one is left.
  void send_next(connection& one) {
    if (to_send_ == 0) return;
    --to_send_;
    ++under_way_;
    const std::string request = speaks_.request(number_);
    one.expected = speaks_.expected(number_++);
    one.got.clear();
    one.sent = clock::now();
    if (::send(one.fd, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      refuse("sending a request");
  }

  void receive_all() {
    std::array<epoll_event, 256> events;
    while (under_way_ != 0) {
      const int got =
          ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), longest_wait_ms);
      if (got < 0 && errno != EINTR) refuse("epoll_wait");
      if (got == 0) throw std::runtime_error("no answer came for a minute");
      for (int i = 0; i < got; ++i)
        receive(connections_[events[static_cast<std::size_t>(i)].data.u32]);
    }
  }

  void receive(connection& one) {
    std::array<char, buffer_bytes> buffer;
    const ssize_t got = ::recv(one.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got < 0) refuse("receiving an answer");
    if (got == 0) throw std::runtime_error("the server has closed a connection");
    one.got.append(buffer.data(), static_cast<std::size_t>(got));
    if (one.got.size() < one.expected.size()) return;
    if (one.got != one.expected) throw std::runtime_error("a wrong answer came: " + one.got);
    const clock::time_point now = clock::now();
    latencies_.push_back(std::chrono::duration<double, std::nano>(now - one.sent).count());
    ++answers_;
    --under_way_;
    if (now >= stop_at_) to_send_ = 0;
    send_next(one);
  }

  const protocol& speaks_;
  const load& what_;
  int epoll_;
  std::vector<connection> connections_;
  std::vector<double> latencies_;
  std::uint64_t number_ = 1;
  std::uint64_t to_send_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint64_t answers_ = 0;
  clock::time_point stop_at_ = clock::time_point::max();
};

}  // namespace

load_report make_load(const protocol& speaks, const load& what, void (*ready)(void*),
                      void* context) {
  load_report made;
  try {
    client one(speaks, what);
    one.connect_all();
    ready(context);
    made = one.work();
  } catch (const std::exception& error) {
    std::strncpy(made.failure, error.what(), sizeof made.failure - 1);
    if (made.failure[0] == '\0') made.failure[0] = '?';
  }
  return made;
}

}  // namespace gobench::suites::reactor
