// How long does a message take to another process and back, and how many go through? (C11)
//
// Two processes exchange messages of `bytes`. Cases:
//   round trip   a message there and back; an operation is that. p50_us to max_us are of the single round trips
//   stream       messages one way, as fast as they go, until the receiver has got all and said so; mib_per_s is what that
//                makes
// Everything that Linux has for this takes part; each file here says what it measures and how:
//   locked_file  streams (pipes, FIFOs, sockets, TCP)  queues (POSIX, System V)  numbers (signals, eventfds)
//   mailboxes (shared memory, mapped file)  ring (shared memory without locks)  channels (between two tasks)
//
// Both processes copy: one from its own memory, the other into its own, so that what was received stays
// there. Both number messages and look at both their ends, which is in the time (some ns). CPU time is that of both
// processes. Fast ways depend on where the two run: with one processor (--procs 1) they share a CPU.
//
// Names are removed as soon as both processes have what is behind them, or by a guardian when they end, however they do
// (suites/ipc/names.hpp). Left out: setting a connection up, several writers or readers, passing descriptors, memory of one
// process read by another (process_vm_readv), splice.
#include <fmt/format.h>

#include <map>
#include <span>
#include <string>
#include <vector>

#include "results/statistics.hpp"
#include "suites/ipc/channels.hpp"
#include "suites/ipc/processes.hpp"
#include "suites/lateness.hpp"
#include "suites/registry.hpp"

namespace gobench::suites::ipc {

std::vector<variant> variants_of(const std::string& impl, const operation& round_trip,
                                 const operation& stream, std::size_t most_bytes, takes_part in) {
  const auto applies = [most_bytes](const point& at) {
    return at.tasks == 2 && bytes_at(at) <= most_bytes;
  };
  std::vector<variant> made = {{.case_name = "round trip",
                                .impl = impl,
                                .run = round_trip,
                                .parameters = {"bytes"},
                                .applies = applies}};
  if (in == takes_part::in_both) {
    made.push_back({.case_name = "stream",
                    .impl = impl,
                    .run = stream,
                    .parameters = {"bytes"},
                    .applies = applies});
  }
  return made;
}

namespace {

results::value number(std::int64_t n) { return n; }

// The shortest median round trip between processes and the channel's, for the shortest messages at hand.
std::string answer(std::span<const results::sample> samples) {
  const auto bytes_of = [](const results::sample& one) {
    const results::value* found = one.parameters.find("bytes");
    const auto* n = found == nullptr ? nullptr : std::get_if<std::int64_t>(found);
    return n == nullptr ? 0 : *n;
  };
  std::int64_t shortest = 0;
  for (const results::sample& one : samples) {
    if (shortest == 0 || bytes_of(one) < shortest) shortest = bytes_of(one);
  }
  std::map<std::string, std::vector<double>> by_process;
  std::vector<double> by_fiber;
  for (const results::sample& one : samples) {
    if (one.case_name != "round trip" || bytes_of(one) != shortest) continue;
    const double us = one.ns_per_op / 1000;
    if (one.runs_on == results::vehicle::process) by_process[one.impl].push_back(us);
    if (one.runs_on == results::vehicle::fiber && one.impl == "gobench.chan")
      by_fiber.push_back(us);
  }
  std::string best;
  std::string worst;
  for (const auto& [impl, found] : by_process) {
    if (found.size() < 2) continue;
    const double here = results::median(found);
    if (best.empty() || here < results::median(by_process[best])) best = impl;
    if (worst.empty() || here > results::median(by_process[worst])) worst = impl;
  }
  if (by_fiber.size() < 2 || best.empty() || best == worst) return "";
  const auto told = [](const std::vector<double>& found) {
    const results::interval range = results::median_interval(found);
    return fmt::format("{:.3g} us ({:.3g} to {:.3g})", results::median(found), range.low,
                       range.high);
  };
  return fmt::format(
      "A round trip of {} byte{} takes {} over a channel between fibers; between processes from {} "
      "by {} to {} "
      "by {} (median and range of the samples).",
      shortest, shortest == 1 ? "" : "s", told(by_fiber), told(by_process[best]), best,
      told(by_process[worst]), worst);
}

std::vector<std::string> all_metrics() {
  std::vector<std::string> made = lateness_metrics;
  made.emplace_back("mib_per_s");
  return made;
}

const registration registered{
    suite{.name = "ipc",
          .about = "How long does a message to another process and back take, how many go through?",
          .claims = {"C11"},
          .tasks = {2},
          .quick_tasks = {2},
          .parameters = {{.name = "bytes",
                          .about = "length of a message",
                          .usual = {number(1), number(64), number(4096), number(65'536),
                                    number(1'048'576)},
                          .quick = {number(1), number(65'536)},
                          .least = 1,
                          .most = static_cast<std::int64_t>(any_size)}},
          .metrics = all_metrics(),
          .shown = {"p50_us", "p99_us", "mib_per_s"},
          .repetitions = 3,
          .quick_repetitions = 2,
          .min_seconds = 0.02,
          .quick_min_seconds = 0.005,
          .variants = between_tasks(),
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites::ipc
