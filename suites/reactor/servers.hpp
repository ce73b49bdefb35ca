// The servers that are compared.
#pragma once

#include <cstdint>
#include <memory>

#include "suites/reactor/protocol.hpp"
#include "suites/registry.hpp"

namespace gobench::suites::reactor {

// Accepts so many connections and serves each to its end.
class server {
 public:
  virtual ~server() = default;
  virtual std::uint16_t port() const = 0;
  // Returns when all that have come have ended, after where.tasks of them or stop().
  virtual void serve(const protocol& speaks, const point& where) = 0;
  // No more connections come. From another thread, also when serve() has returned.
  virtual void stop() noexcept = 0;
};

std::unique_ptr<server> by_tasks();       // gobench::net, a task for each connection
std::unique_ptr<server> by_threads();     // blocking sockets, a std::thread for each connection
std::unique_ptr<server> by_event_loop();  // one thread in epoll_wait()

}  // namespace gobench::suites::reactor
