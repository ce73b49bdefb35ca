#include "primitives/net/unix.hpp"

#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <system_error>

#include "primitives/internal/outcome.hpp"
#include "primitives/internal/socket_calls.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {
namespace {

using namespace std::chrono_literals;

struct unix_name {
  sockaddr_un name{};
  socklen_t size = 0;

  unix_name(std::string_view path, const std::string& doing) {
    name.sun_family = AF_UNIX;
    // A file's name ends with a zero, so one place is for that.
    if (path.size() >= sizeof name.sun_path)
      throw std::system_error(ENAMETOOLONG, std::generic_category(), doing);
    if (path.empty() || path.find('\0') != std::string_view::npos)
      throw std::system_error(EINVAL, std::generic_category(), doing);
    std::memcpy(name.sun_path, path.data(), path.size());
    const bool is_abstract = path.front() == '@';
    if (is_abstract) name.sun_path[0] = '\0';
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() +
                                  (is_abstract ? 0 : 1));
  }
  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&name); }
};

runtime::descriptor new_socket(const std::string& doing) {
  const std::int64_t fd = primitives::open_socket(AF_UNIX);
  if (fd < 0) throw std::system_error(static_cast<int>(-fd), std::generic_category(), doing);
  return runtime::descriptor(static_cast<int>(fd));
}

}  // namespace

unix_stream::unix_stream(runtime::descriptor file, std::string path)
    : stream(std::move(file), address(), std::move(path)) {}

unix_stream unix_stream::connect(std::string_view path, steady_time deadline) {
  GOBENCH_INTERNAL_SCOPE();
  GOBENCH_HOOK(release_merge(&primitives::wire));
  const std::string doing = "connecting to " + std::string(path);
  const unix_name to(path, doing);
  unix_stream made(new_socket(doing), std::string(path));
  for (std::chrono::milliseconds pause = 1ms;; pause = std::min(2 * pause, 20ms)) {
    if (primitives::passed(deadline)) throw timeout_error(doing);
    const auto outcome = made.core_->file.with_number(
        [&](int fd) { return primitives::start_connecting(fd, to.data(), to.size); });
    const bool full = outcome.how == runtime::io_outcome::kind::failed &&
                      (outcome.value == EAGAIN || outcome.value == EINTR);
    if (!full) {
      primitives::value_of(outcome, [&]() -> const std::string& { return doing; });
      return made;
    }
    sleep_until(std::min(deadline, runtime::deadline_after(pause)));
  }
}

std::pair<unix_stream, unix_stream> unix_stream::pair() {
  GOBENCH_INTERNAL_SCOPE();
  int both[2];
  const std::int64_t result = primitives::open_pair(both);
  if (result < 0)
    throw std::system_error(static_cast<int>(-result), std::generic_category(),
                            "making a pair of streams");
  // Until the first has an owner, this one has none.
  struct closer {
    int fd;
    ~closer() {
      if (fd >= 0) ::close(fd);
    }
  } second{both[1]};
  unix_stream a(runtime::descriptor{both[0]}, {});
  unix_stream b(runtime::descriptor{std::exchange(second.fd, -1)}, {});
  return {std::move(a), std::move(b)};
}

std::string unix_stream::path() const { return core_ == nullptr ? std::string() : core_->path; }

unix_listener unix_listener::listen(std::string_view path, int backlog) {
  GOBENCH_INTERNAL_SCOPE();
  const std::string doing = "listening at " + std::string(path);
  const unix_name at(path, doing);
  runtime::descriptor file = new_socket(doing);
  const auto outcome = file.with_number(
      [&](int fd) { return primitives::bind_and_listen(fd, at.data(), at.size, backlog); });
  primitives::value_of(outcome, [&]() -> const std::string& { return doing; });
  const std::string name(path);
  unix_listener made;
  made.core_ =
      std::make_unique<core>(std::move(file), name, path.front() == '@' ? std::string() : name);
  return made;
}

unix_stream unix_listener::accept() {
  accepted made = accept_one();
  return {std::move(made.file), in_use().name};
}

std::string unix_listener::path() const { return core_ == nullptr ? std::string() : core_->name; }

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
