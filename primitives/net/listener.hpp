// What tcp_listener and unix_listener share.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "primitives/internal/deadline.hpp"
#include "primitives/net/address.hpp"
#include "primitives/net/errors.hpp"
#include "runtime/descriptor.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

inline constexpr int most_backlog = SOMAXCONN;

// Use tcp_listener or unix_listener. Who may call, deadlines and close(): as for streams (net/stream.hpp). Any number of
// tasks may accept at one listener.
class listener {
 public:
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  // Until when accept() may wait; see stream::set_deadline.
  template <class Clock, class Duration>
  void set_deadline(std::chrono::time_point<Clock, Duration> when) {
    if (core_ != nullptr)
      core_->file.set_deadline(runtime::io_side::read, primitives::steady_deadline(when));
  }

  // No more connections: those that wait in accept() get closed_error, peers that were not accepted are cut off.
  // Any number of times, from anywhere. The destructor does it.
  void close() noexcept {
    if (core_ != nullptr) core_->close();
  }
  bool is_open() const noexcept { return core_ != nullptr && core_->file.is_open(); }

 protected:
  struct core {
    core(runtime::descriptor made, std::string called, std::string to_remove)
        : file(std::move(made)), name(std::move(called)), socket_file(std::move(to_remove)) {}
    ~core() { close(); }
    core(const core&) = delete;
    core& operator=(const core&) = delete;
    void close() noexcept;

    runtime::descriptor file;
    const std::string name;
    const std::string
        socket_file;  // of a Unix listener: its name in the file system, removed with it
  };

  struct accepted {
    runtime::descriptor file;
    address from;
  };

  listener() noexcept = default;
  listener(listener&& other) noexcept = default;
  listener& operator=(listener&& other) noexcept = default;
  ~listener() = default;

  core& in_use() const;
  accepted accept_one() const;

  std::unique_ptr<core> core_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
