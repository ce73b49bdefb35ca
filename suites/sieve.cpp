// How fast do numbers go through a long chain of tasks? (C10)
//
// The prime sieve from Go's tutorials: a task sends 2, 3, 4, ...; behind each prime that comes out a task is
// put into the chain that takes out its multiples. Channels are unbuffered, so nearly every number at every
// stage is a switch. An operation is a whole sieve up to the `primes`-th prime; then the source closes its
// channel and the chain ends, stage by stage.
//
// For 2000 primes (up to 17,389) that is 2.8 million hand-overs with a division each. On threads only short
// chains are run.
#include <gobench.hpp>

#include "suites/crowd.hpp"
#include "suites/peers/go.hpp"
#include "suites/primes.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::int64_t most_primes_of_threads = 100;

std::uint64_t one_sieve(std::uint64_t last) {
  auto numbers = make_chan<std::uint64_t>();
  gobench::go([to = numbers, last] {
    for (std::uint64_t n = 2; n <= last; ++n) to.send(n);
    to.close();
  });
  std::uint64_t sum = 0;
  while (const auto prime = numbers.recv()) {
    sum += *prime;
    const auto filtered = make_chan<std::uint64_t>();
    gobench::go([from = numbers, to = filtered, p = *prime] {
      while (const auto n = from.recv()) {
        if (*n % p != 0) to.send(*n);
      }
      to.close();
    });
    numbers = filtered;
  }
  return sum;
}

measurement by_channels(const point& where, std::uint64_t iterations) {
  const first_primes known = primes_until(where.number("primes"));
  std::uint64_t sum = 0;
  auto taken = measure_main(where, iterations, [&] {
    for (std::uint64_t i = 0; i < iterations; ++i) sum += one_sieve(known.last);
  });
  taken.result = proof::equal("the sum of the primes", sum, known.sum * iterations);
  return taken;
}

// The Go program is told where to end.
measurement by_go(const point& where, std::uint64_t iterations) {
  static const operation run =
      peers::go("sieve/chan", "the sum of the primes", [](const point& at, std::uint64_t sieves) {
        return primes_until(at.number("primes")).sum * sieves;
      });
  point told = where;
  told.parameters.set("last", primes_until(where.number("primes")).last);
  return run(told, iterations);
}

results::value number(std::int64_t n) { return n; }

const registration registered{suite{
    .name = "sieve",
    .about = "How fast do numbers go through a long chain of tasks? The prime sieve",
    .claims = {"C10"},
    .procs = {1, 0},
    .parameters = {{.name = "primes",
                    .about = "primes to be found, and so the length of the chain",
                    .usual = {number(100), number(2000)},
                    .quick = {number(100)},
                    .least = 1,
                    .most = 100'000}},
    .variants = {{.case_name = "primes",
                  .impl = "gobench.chan",
                  .run = by_channels,
                  .parameters = {"primes"},
                  .applies =
                      [](const point& at) {
                        return at.tasks == 1 && (at.runs_on == vehicle::fiber ||
                                                 at.number("primes") <= most_primes_of_threads);
                      }},
                 {.case_name = "primes",
                  .impl = "go.chan",
                  .run = by_go,
                  .parameters = {"primes"},
                  .vehicles = {vehicle::fiber},
                  .applies = [](const point& at) { return at.tasks == 1; },
                  .peer = "go"}}}};

}  // namespace

}  // namespace gobench::suites
