// What does a channel's buffer bring, and what does an unbounded one cost? (C6, C7, C14)
//
// transfer: half of the tasks send numbers through one channel, half receive them; an operation is a number. With two
// tasks that is one producer and one consumer (1:1), with eight 4:4. Both sides do nothing else, so their
// rates match as well as they can: this is the best that a buffer can bring.
//
// rates: one producer, one consumer that computes for service_ns on each value, and a source that is faster than that, as
// fast, slower or bursty (`pace`), with and without a limiter on the source (suites/rates.hpp). Beside the
// time per value, which is service_ns at best or the pace of a slower source:
//   p50_us ... max_us      from put to get: what a value waits, for room in the queue and in it
//   queue_q1 ... queue_q4  mean length of the queue in each quarter of the values: over time; queue_max the longest
//   queue_kb               memory that was allocated when the last value had been put
// A buffer evens out bursts and makes values wait; while the source is too fast it only fills, an unbounded one for ever, and
// what limits the source keeps it empty whatever its capacity. Several producers with paces are left out.
//
// std.queue is what one writes without channels: a std::deque, a mutex and two condition variables, on
// threads only, since a condition variable of std blocks the thread of every fiber on it.
#include <gobench.hpp>

#include "suites/locked_queue.hpp"
#include "suites/peers/go.hpp"
#include "suites/rates.hpp"
#include "suites/registry.hpp"
#include "suites/transfer.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

measurement by_channel(const point& where, std::uint64_t iterations) {
  auto queue = make_chan<std::uint64_t>(static_cast<std::size_t>(where.number("capacity")));
  return transfer(where, iterations, queue);
}

measurement by_unbounded_channel(const point& where, std::uint64_t iterations) {
  auto queue = make_unbounded_chan<std::uint64_t>();
  return transfer(where, iterations, queue);
}

measurement by_locked_queue(const point& where, std::uint64_t iterations) {
  locked_queue<std::uint64_t> queue(static_cast<std::size_t>(where.number("capacity")));
  return transfer(where, iterations, queue);
}

measurement rates_of_channel(const point& where, std::uint64_t iterations) {
  auto queue = make_chan<stamped>(static_cast<std::size_t>(where.number("capacity")));
  return at_a_pace(where, iterations, queue);
}

measurement rates_of_unbounded_channel(const point& where, std::uint64_t iterations) {
  auto queue = make_unbounded_chan<stamped>();
  return at_a_pace(where, iterations, queue);
}

measurement rates_of_locked_queue(const point& where, std::uint64_t iterations) {
  locked_queue<stamped> queue(static_cast<std::size_t>(where.number("capacity")));
  return at_a_pace(where, iterations, queue);
}

results::value number(std::int64_t n) { return n; }
results::value text(const char* of) { return std::string(of); }

const registration registered{suite{
    .name = "chan-buffer",
    .about = "What does a channel's buffer bring? Numbers from producers to consumers",
    .claims = {"C6", "C7", "C14", "S2"},
    .tasks = {2, 8},
    .quick_tasks = {2},
    .procs = {1, 0},
    .parameters = {{.name = "capacity",
                    .about = "elements that the channel buffers",
                    .usual = {number(0), number(1), number(16), number(128)},
                    .quick = {number(0), number(128)},
                    .most = 1'000'000},
                   {.name = "pace",
                    .about = "how fast the source is, beside the consumer",
                    .usual = {text("faster"), text("equal"), text("slower"), text("bursty")},
                    .quick = {text("faster"), text("slower"), text("bursty")},
                    .words = {"faster", "equal", "slower", "bursty"}},
                   {.name = "limiter",
                    .about =
                        "whether a limiter holds the source to 90 % of what the consumer can do",
                    .usual = {text("off"), text("on")},
                    .quick = {text("off"), text("on")},
                    .words = {"off", "on"}},
                   {.name = "service_ns",
                    .about = "time for which the consumer computes on each value, in ns",
                    .usual = {number(20'000)},
                    .quick = {number(20'000)},
                    .least = 100,
                    .most = 1'000'000'000}},
    .metrics = rate_metrics,
    .shown = {"p50_us", "p99_us", "queue_q1", "queue_q4"},
    .min_seconds = 0.01,
    .variants = {
        {.case_name = "transfer",
         .impl = "gobench.chan",
         .run = by_channel,
         .parameters = {"capacity"},
         .applies = even_tasks},
        {.case_name = "transfer",
         .impl = "gobench.unbounded_chan",
         .run = by_unbounded_channel,
         .applies = even_tasks},
        {.case_name = "transfer",
         .impl = "std.queue",
         .run = by_locked_queue,
         .parameters = {"capacity"},
         .vehicles = {vehicle::thread},
         .applies = [](const point& at) { return even_tasks(at) && at.number("capacity") > 0; }},
        {.case_name = "rates",
         .impl = "gobench.chan",
         .run = rates_of_channel,
         .parameters = {"capacity", "pace", "limiter", "service_ns"},
         .applies = makes_a_pace},
        {.case_name = "rates",
         .impl = "gobench.unbounded_chan",
         .run = rates_of_unbounded_channel,
         .parameters = {"pace", "limiter", "service_ns"},
         .applies = makes_a_pace},
        {.case_name = "rates",
         .impl = "std.queue",
         .run = rates_of_locked_queue,
         .parameters = {"capacity", "pace", "limiter", "service_ns"},
         .vehicles = {vehicle::thread},
         .applies = [](const point& at) { return makes_a_pace(at) && at.number("capacity") > 0; }},
        {.case_name = "transfer",
         .impl = "go.chan",
         .run = peers::go("transfer/chan", "the sum of the numbers received", all_numbers),
         .parameters = {"capacity"},
         .vehicles = {vehicle::fiber},
         .applies = even_tasks,
         .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
