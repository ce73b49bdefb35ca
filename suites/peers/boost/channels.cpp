// Programs of fibers and channels, with Boost.Fiber.
//
// Its buffered channel takes powers of two from 2 and holds one element less than that: here it is the next
// power from the capacity asked for, so it holds 1, 15 and 127 where the others hold 1, 16 and 128. Capacity 0
// is its unbuffered channel.
//
// Skynet is run up to 100,000 leaves: the library runs fibers in the order of their birth, so that nearly all
// of them are there at the same time, and a tree of a million takes 6 to 11 s.
#include <algorithm>
#include <bit>
#include <boost/fiber/buffered_channel.hpp>
#include <boost/fiber/unbuffered_channel.hpp>
#include <cstdint>
#include <memory>
#include <optional>

#include "suites/peers/boost/fibers.hpp"
#include "suites/primes.hpp"
#include "suites/registry.hpp"
#include "suites/round_trips.hpp"
#include "suites/transfer.hpp"
#include "suites/trees.hpp"

namespace gobench::suites {

namespace {

using boost::fibers::channel_op_status;
using peers::boost_fibers;
using results::vehicle;
using unbuffered = boost::fibers::unbuffered_channel<std::uint64_t>;
using buffered = boost::fibers::buffered_channel<std::uint64_t>;

// What a channel brings; nothing once it is closed and empty.
template <class Channel>
std::optional<std::uint64_t> received(Channel& from) {
  std::uint64_t number = 0;
  if (from.pop(number) != channel_op_status::success) return std::nullopt;
  return number;
}

template <class Channel>
struct queue {
  Channel channel;

  void send(std::uint64_t number) { channel.push(number); }
  std::optional<std::uint64_t> recv() { return received(channel); }
  void close() { channel.close(); }
};

measurement by_channel(const point& where, std::uint64_t iterations) {
  const auto capacity = static_cast<std::size_t>(where.number("capacity"));
  if (capacity == 0) {
    queue<unbuffered> numbers;
    return transfer<boost_fibers>(where, iterations, numbers);
  }
  queue<buffered> numbers{buffered(std::max<std::size_t>(2, std::bit_ceil(capacity)))};
  return transfer<boost_fibers>(where, iterations, numbers);
}

struct channel_pair {
  unbuffered there;
  unbuffered back;

  std::uint64_t ask(std::uint64_t i) {
    there.push(i);
    return received(back).value_or(0);
  }
  void echo() { back.push(received(there).value_or(0) + 1); }
};

void count_to(std::uint64_t last, unbuffered& to) {
  for (std::uint64_t n = 2; n <= last; ++n) to.push(n);
  to.close();
}

void filter(std::uint64_t prime, unbuffered& from, unbuffered& to) {
  while (const auto n = received(from)) {
    if (*n % prime != 0) to.push(*n);
  }
  to.close();
}

std::uint64_t one_sieve(std::uint64_t last) {
  auto numbers = std::make_shared<unbuffered>();
  boost_fibers::start([to = numbers, last] { count_to(last, *to); }).detach();
  std::uint64_t sum = 0;
  while (const auto prime = received(*numbers)) {
    sum += *prime;
    const auto filtered = std::make_shared<unbuffered>();
    boost_fibers::start([from = numbers, to = filtered, p = *prime] {
      filter(p, *from, *to);
    }).detach();
    numbers = filtered;
  }
  return sum;
}

measurement by_sieve(const point& where, std::uint64_t iterations) {
  const first_primes known = primes_until(where.number("primes"));
  std::uint64_t sum = 0;
  auto taken = measure_main<boost_fibers>(where, iterations, [&] {
    for (std::uint64_t i = 0; i < iterations; ++i) sum += one_sieve(known.last);
  });
  taken.result = proof::equal("the sum of the primes", sum, known.sum * iterations);
  return taken;
}

void node(unbuffered& to, std::uint64_t first, std::uint64_t size) {
  if (size == 1) {
    to.push(first);
    return;
  }
  // Shared: a child may still be in push() when its number has been received.
  const auto from = std::make_shared<unbuffered>();
  const std::uint64_t part = size / 10;
  for (std::uint64_t i = 0; i < 10; ++i) {
    boost_fibers::start([=] { node(*from, first + i * part, part); }).detach();
  }
  std::uint64_t sum = 0;
  for (int i = 0; i < 10; ++i) sum += received(*from).value_or(0);
  to.push(sum);
}

std::uint64_t one_tree(std::uint64_t leaves) {
  const auto result = std::make_shared<unbuffered>();
  boost_fibers::start([=] { node(*result, 0, leaves); }).detach();
  return received(*result).value_or(0);
}

measurement by_tree(const point& where, std::uint64_t iterations) {
  return trees<boost_fibers>(where, iterations, one_tree);
}

variant of(const char* case_name, operation run, std::vector<std::string> parameters,
           std::function<bool(const point&)> applies) {
  return {.case_name = case_name,
          .impl = "boost.channel",
          .run = std::move(run),
          .parameters = std::move(parameters),
          .vehicles = {vehicle::fiber},
          .applies = std::move(applies),
          .peer = "boost"};
}

const more_variants in_chan_buffer{"chan-buffer",
                                   {of("transfer", by_channel, {"capacity"}, even_tasks)}};
const more_variants in_ping_pong{
    "ping-pong", {of("round trip", run_pairs<channel_pair, boost_fibers>, {}, in_pairs)}};
const more_variants in_sieve{
    "sieve", {of("primes", by_sieve, {"primes"}, [](const point& at) { return at.tasks == 1; })}};
const more_variants in_skynet{"skynet", {of("tree", by_tree, {"leaves"}, [](const point& at) {
                                return is_a_tree(at) && at.number("leaves") <= 100'000;
                              })}};

}  // namespace

}  // namespace gobench::suites
