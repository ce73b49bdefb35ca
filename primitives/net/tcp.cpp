#include "primitives/net/tcp.hpp"

#include <netinet/tcp.h>

#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include "primitives/internal/outcome.hpp"
#include "primitives/internal/socket_calls.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {
namespace {

using primitives::value_of;

[[noreturn]] void fail(std::int64_t result, const std::string& doing) {
  throw std::system_error(static_cast<int>(-result), std::generic_category(), doing);
}

address name_of(const runtime::descriptor& file, const char* doing) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  const auto made = file.with_number([&](int fd) {
    return primitives::local_name(fd, reinterpret_cast<sockaddr*>(&name), &size);
  });
  value_of(made, [&] { return std::string(doing); });
  return {reinterpret_cast<const sockaddr*>(&name), size};
}

}  // namespace

tcp_stream::tcp_stream(runtime::descriptor file, const address& peer)
    : stream(std::move(file), peer, {}) {
  // It is refused only when the peer has broken the connection already, which the first operation tells.
  core_->file.with_number(
      [](int fd) { return primitives::set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); });
}

tcp_stream tcp_stream::connect(const address& to, steady_time deadline) {
  GOBENCH_INTERNAL_SCOPE();
  GOBENCH_HOOK(release_merge(&primitives::wire));
  const auto doing = [&] { return "connecting to " + to.to_string(); };
  const std::int64_t fd = primitives::open_socket(to.family());
  if (fd < 0) fail(fd, doing());
  tcp_stream made(runtime::descriptor(static_cast<int>(fd)), to);
  runtime::descriptor& file = made.core_->file;
  file.set_deadline(runtime::io_side::write, deadline);
  bool started = false;
  const auto outcome = file.attempt(
      runtime::io_side::write, runtime::wait_reason::io_connect, [&](int number) -> std::int64_t {
        if (started) return primitives::connecting_result(number);
        started = true;
        const std::int64_t result = primitives::start_connecting(number, to.data(), to.size());
        // After a signal it goes on by itself.
        return result == -EINPROGRESS || result == -EINTR ? -EAGAIN : result;
      });
  value_of(outcome, doing);
  file.set_deadline(runtime::io_side::write, no_deadline);
  // A free port that is asked for a connection may be given the same as its own, and then answers to itself.
  if (made.local_address() == to) fail(-ECONNREFUSED, doing());
  return made;
}

tcp_stream tcp_stream::connect(std::string_view host_and_port, steady_time deadline) {
  std::exception_ptr last;
  for (const address& one : resolve(host_and_port)) {
    try {
      return connect(one, deadline);
    } catch (const std::system_error&) {
      last = std::current_exception();
    }
  }
  std::rethrow_exception(last);  // resolve() returns one at least
}

void tcp_stream::set_no_delay(bool on) {
  core& of = in_use("setting an option of a stream");
  const auto made = of.file.with_number(
      [&](int fd) { return primitives::set_option(fd, IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0); });
  value_of(made, [&] { return "setting an option of the stream to " + of.name(); });
}

address tcp_stream::peer_address() const { return core_ == nullptr ? address() : core_->peer; }

address tcp_stream::local_address() const {
  return name_of(in_use("asking for the address of a stream").file,
                 "asking for the address of a stream");
}

tcp_listener tcp_listener::listen(const address& at, int backlog) {
  GOBENCH_INTERNAL_SCOPE();
  const std::string doing = "listening at " + at.to_string();
  const std::int64_t fd = primitives::open_socket(at.family());
  if (fd < 0) fail(fd, doing);
  runtime::descriptor file(static_cast<int>(fd));
  const auto outcome = file.with_number([&](int number) {
    primitives::set_option(number, SOL_SOCKET, SO_REUSEADDR, 1);
    if (at.family() == AF_INET6) primitives::set_option(number, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return primitives::bind_and_listen(number, at.data(), at.size(), backlog);
  });
  value_of(outcome, [&]() -> const std::string& { return doing; });
  const std::string name = name_of(file, doing.c_str()).to_string();
  tcp_listener made;
  made.core_ = std::make_unique<core>(std::move(file), name, std::string());
  return made;
}

tcp_listener tcp_listener::listen(std::string_view host_and_port, int backlog) {
  std::vector<address> candidates;
  if (host_and_port.starts_with(':')) {
    // All of IPv6 includes IPv4, where there is IPv6.
    const std::string port = std::to_string(resolve(host_and_port, true).front().port());
    candidates = {address("[::]:" + port), address("0.0.0.0:" + port)};
  } else {
    candidates = resolve(host_and_port, true);
  }
  std::exception_ptr last;
  for (const address& one : candidates) {
    try {
      return listen(one, backlog);
    } catch (const std::system_error&) {
      last = std::current_exception();
    }
  }
  std::rethrow_exception(last);
}

tcp_stream tcp_listener::accept() {
  accepted made = accept_one();
  return {std::move(made.file), made.from};
}

address tcp_listener::local_address() const {
  return name_of(in_use().file, "asking for the address of a listener");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
