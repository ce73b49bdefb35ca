// What the case `rates` of the suite chan-buffer does: one producer and one consumer that have a pace of their own
// (suites/chan_buffer.cpp).
//
// The consumer computes for service_ns on each value. The producer offers a value every half of that (faster), every
// service_ns (equal), every two (slower), or 64 at once every 64 service_ns (bursty). It keeps to that schedule: when it was
// held up, it offers what is due at once. With a limiter it takes a token first, at 90 % of what the consumer can do.
//
// Invariants
//  - A value is stamped just before it is sent, so that its latency includes what its producer had to wait for room.
//  - The length of the queue is looked at after each send, by the producer; a quarter's length is the mean of
//    those in that quarter of all values.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <gobench.hpp>
#include <string>
#include <utility>
#include <vector>

#include "results/histogram.hpp"
#include "suites/busy.hpp"
#include "suites/crowd.hpp"
#include "suites/lateness.hpp"
#include "suites/registry.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

struct stamped {
  std::uint64_t number = 0;
  std::uint64_t tick = 0;
};

inline const std::vector<std::string> rate_metrics = {
    "p50_us",   "p90_us",   "p99_us",   "p999_us",   "max_us",  "queue_q1",
    "queue_q2", "queue_q3", "queue_q4", "queue_max", "queue_kb"};

// How long a queue was in each quarter of the values, and at most.
class queue_lengths {
 public:
  explicit queue_lengths(std::uint64_t values) : values_(values) {}

  void note(std::uint64_t nth, std::size_t length) noexcept {
    const std::size_t quarter = static_cast<std::size_t>((nth - 1) * 4 / values_);
    sums_[quarter] += length;
    ++counts_[quarter];
    longest_ = std::max<std::uint64_t>(longest_, length);
  }
  void add_to(results::fields& metrics) const {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      if (counts_[i] == 0) continue;
      metrics.set("queue_q" + std::to_string(i + 1),
                  static_cast<double>(sums_[i]) / static_cast<double>(counts_[i]));
    }
    metrics.set("queue_max", static_cast<double>(longest_));
  }

 private:
  std::uint64_t values_;
  std::array<std::uint64_t, 4> sums_{};
  std::array<std::uint64_t, 4> counts_{};
  std::uint64_t longest_ = 0;
};

// When each value is due.
class schedule_of_values {
 public:
  explicit schedule_of_values(const point& where, const tick_source& source)
      : pace_(where.word("pace")),
        service_ticks_(static_cast<double>(where.number("service_ns")) / source.ns_per_tick) {}

  // Ticks after the start at which the nth value, from 1, is due.
  std::uint64_t due(std::uint64_t nth) const {
    constexpr std::uint64_t burst = 64;
    const auto before = static_cast<double>(nth - 1);
    double intervals = before;
    if (pace_ == "faster") intervals = before / 2;
    if (pace_ == "slower") intervals = before * 2;
    if (pace_ == "bursty") intervals = static_cast<double>((nth - 1) / burst * burst);
    return static_cast<std::uint64_t>(intervals * service_ticks_);
  }

 private:
  std::string pace_;
  double service_ticks_;
};

// Memory that is allocated in the process, in bytes.
inline double allocated_bytes() {
  const struct mallinfo2 now = ::mallinfo2();
  return static_cast<double>(now.uordblks) + static_cast<double>(now.hblkhd);
}

// Queue: send(stamped), recv() with a value or nothing once it is closed and empty, len(), close().
template <class Queue>
measurement at_a_pace(const point& where, std::uint64_t iterations, Queue& queue) {
  const tick_source& source = ticking();
  const schedule_of_values due(where, source);
  const busy_work serve(where.number("service_ns"));
  const bool limited = where.word("limiter") == "on";
  constexpr std::int64_t burst = 8;
  const double most_per_second = 0.9e9 / static_cast<double>(where.number("service_ns"));
  queue_lengths lengths(iterations);
  std::vector<std::uint64_t> latencies(
      iterations);  // in ticks; allocated before memory is looked at
  std::uint64_t received = 0;
  std::uint64_t out_of_order = 0;
  const double bytes_before = allocated_bytes();
  double bytes = 0;

  auto taken = measure_crowd(where, 2, iterations, [&](int task) {
    if (task == 0) {
      rate_limiter limiter(most_per_second, burst);
      const std::uint64_t start = ticks_now(source);
      for (std::uint64_t nth = 1; nth <= iterations; ++nth) {
        while (ticks_now(source) < start + due.due(nth)) gobench::yield();
        if (limited) limiter.acquire();
        queue.send(stamped{nth, ticks_now(source)});
        lengths.note(nth, queue.len());
      }
      bytes = std::max(0.0, allocated_bytes() - bytes_before);
      queue.close();
      return;
    }
    while (const auto got = queue.recv()) {
      const std::uint64_t now = ticks_now(source);
      if (received < iterations)
        latencies[received] = now > got->tick ? now - got->tick : 0;  // counters of two CPUs
      ++received;
      out_of_order += got->number == received ? 0 : 1;
      serve();
    }
  });
  results::histogram waits;
  for (const std::uint64_t ticks : latencies)
    waits.record(static_cast<std::uint64_t>(static_cast<double>(ticks) * source.ns_per_tick));
  add_lateness(taken.metrics, waits);
  lengths.add_to(taken.metrics);
  taken.metrics.set("queue_kb", bytes / 1024);
  taken.result = proof::equal("the number of values received", received, iterations) &&
                 proof::equal("the number of values out of order", out_of_order, 0);
  return taken;
}

// One producer and one consumer. A limiter is for sources that can be too fast. As far as the machine allows, each
// has a processor.
inline bool makes_a_pace(const point& at) {
  if (at.tasks != 2 || (at.procs < 2 && max_procs() > 1)) return false;
  return at.word("limiter") == "off" || at.word("pace") == "faster" || at.word("pace") == "bursty";
}

}  // namespace gobench::suites
