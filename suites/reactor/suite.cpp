// Does a thread per connection scale? Does a fiber per connection, does a bare event loop? (S10)
//
// tasks is the number of connections, all open for the whole sample and all busy: each sends its next request when it has
// the answer to the last, so that as many requests are under way as there are connections. An operation is a request with
// its answer, over 127.0.0.1. Cases:
//   echo   64 bytes there and back
//   http   a minimal HTTP/1.1: GET, answered by 200 with a body that repeats the path; keep-alive
// Who serves:
//   gobench.net    a task for each connection: a fiber, or on the vehicle thread a thread that waits at the runtime's
//                  poller
//   std.thread     a thread for each connection, blocking in the kernel: how one writes it without any of this
//   plain.epoll    one thread with an event loop and no more, whatever procs says
//
// The client (suites/reactor/client.hpp) is the same for all: one event loop in a process of its own, which takes CPU
// time beside the server; it compares every answer. So ops_per_s is that of both together, and where the client is
// the slower of the two it says little: cpu_ns_per_op is the server's alone. The server has a process of its own in each
// sample. Metrics:
//   p50_ns, p90_ns, p99_ns, p999_ns   from sending a request to its answer, seen by the client
//   connection_bytes                  main memory that the server's process has taken for each connection once all are open
//                                     and have been used; not what the kernel takes for sockets and threads
// Connections that come and go, large messages and slow clients are not measured.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "results/statistics.hpp"
#include "suites/reactor/sample.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

// Says so once: otherwise the user would look for the point in vain.
bool enough_files(const point& at) {
  const std::uint64_t most = reactor::most_connections();
  if (static_cast<std::uint64_t>(at.tasks) <= most) return true;
  static int told = 0;
  if (told != at.tasks) {
    told = at.tasks;
    std::fprintf(
        stderr,
        "reactor: %d connections are left out, since a process may open %llu files more here at "
        "most (raise the hard limit, `ulimit -Hn`).\n",
        at.tasks, static_cast<unsigned long long>(most));
  }
  return false;
}

template <const reactor::protocol& Speaks, std::unique_ptr<reactor::server> (*Make)()>
measurement serve(const point& where, std::uint64_t iterations) {
  return reactor::take_sample(where, iterations, Speaks, Make);
}

template <const reactor::protocol& Speaks>
void add_variants(std::vector<variant>& to, const std::string& name) {
  to.push_back({.case_name = name,
                .impl = "gobench.net",
                .run = serve<Speaks, reactor::by_tasks>,
                .applies = enough_files});
  to.push_back({.case_name = name,
                .impl = "std.thread",
                .run = serve<Speaks, reactor::by_threads>,
                .vehicles = {vehicle::thread},
                .applies = enough_files});
  to.push_back({.case_name = name,
                .impl = "plain.epoll",
                .run = serve<Speaks, reactor::by_event_loop>,
                .vehicles = {vehicle::thread},
                .applies = enough_files});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants<reactor::echo>(made, "echo");
  add_variants<reactor::http>(made, "http");
  return made;
}

// The server's CPU time for a request at the largest number of connections; medians.
std::string answer(std::span<const results::sample> samples) {
  int most = 0;
  for (const results::sample& one : samples) most = std::max(most, one.tasks);
  std::map<std::tuple<std::string, std::string, vehicle>, std::vector<double>> taken;
  for (const results::sample& one : samples) {
    if (one.tasks == most)
      taken[{one.case_name, one.impl, one.runs_on}].push_back(one.cpu_ns_per_op);
  }
  std::string text;
  for (const auto& [who, found] : taken) {
    text += fmt::format("{}{} by {} on {}s {:.1f} us", text.empty() ? "" : "; ", std::get<0>(who),
                        std::get<1>(who), results::to_string(std::get<2>(who)),
                        results::median(found) / 1000);
  }
  if (text.empty()) return text;
  return fmt::format("The server's CPU time for a request, with {} connections: {}.", most, text);
}

const registration registered{
    suite{.name = "reactor",
          .about = "Does a thread per connection scale, or does a fiber, or an event loop?",
          .claims = {"S10"},
          .tasks = {100, 1000, 10'000},
          .quick_tasks = {16, 64},
          .metrics = {"p50_ns", "p90_ns", "p99_ns", "p999_ns", "connection_bytes"},
          .repetitions = 2,  // opening 10 000 connections takes longer than using them
          .quick_repetitions = 3,
          .min_seconds = 0.03,
          .quick_min_seconds = 0.01,
          .variants = all_variants(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
