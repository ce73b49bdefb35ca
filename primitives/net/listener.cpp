#include "primitives/net/listener.hpp"

#include <unistd.h>

#include <cerrno>

#include "primitives/internal/outcome.hpp"
#include "primitives/internal/socket_calls.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

void listener::core::close() noexcept {
  if (!file.close() || socket_file.empty()) return;
  ::unlink(socket_file.c_str());  // when somebody else has removed it, all the better
}

listener::core& listener::in_use() const {
  if (core_ == nullptr) throw closed_error("accepting a connection");
  return *core_;
}

listener::accepted listener::accept_one() const {
  core& at = in_use();
  GOBENCH_INTERNAL_SCOPE();
  sockaddr_storage from{};
  socklen_t size = 0;
  const auto made = at.file.attempt(
      runtime::io_side::read, runtime::wait_reason::io_accept, [&](int fd) -> std::int64_t {
        size = sizeof from;
        const std::int64_t result =
            primitives::accept_socket(fd, reinterpret_cast<sockaddr*>(&from), &size);
        // The peer has given up before it was its turn: on to the next, as after a signal.
        return result == -ECONNABORTED || result == -EPROTO ? -EINTR : result;
      });
  const auto fd = static_cast<int>(
      primitives::value_of(made, [&] { return "accepting a connection at " + at.name; }));
  GOBENCH_HOOK(acquire(&primitives::wire));
  return {runtime::descriptor(fd), address(reinterpret_cast<const sockaddr*>(&from), size)};
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
