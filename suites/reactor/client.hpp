// The load: one client for all servers, an event loop in a process of its own.
//
// It opens all connections to 127.0.0.1, sends one request over each, in groups, so that each has been accepted
// and answered before the measurement. Then every connection sends its next request as soon as it has the answer to the last, until
// all requests are sent. Every answer is compared with what it must be. It never waits longer than a minute.
#pragma once

#include <cstdint>

#include "suites/reactor/protocol.hpp"

namespace gobench::suites::reactor {

struct load {
  int connections = 1;
  std::uint64_t requests = 1;
  double most_seconds = 0;  // then no more requests are sent
  std::uint16_t port = 0;
};

// What it has seen; travels through a pipe.
struct load_report {
  double seconds = 0;
  std::uint64_t answers = 0;  // right ones
  double p50_ns = 0;
  double p90_ns = 0;
  double p99_ns = 0;
  double p999_ns = 0;
  char failure[160] = {};  // empty when there was none
};

// Runs to the end and returns. Calls ready() when all connections are there and returns from it when it may begin.
load_report make_load(const protocol& speaks, const load& what, void (*ready)(void*),
                      void* context);

}  // namespace gobench::suites::reactor
