// What the suite sieve is to find (suites/sieve.cpp).
#pragma once

#include <cstdint>
#include <vector>

namespace gobench::suites {

struct first_primes {
  std::uint64_t last = 2;
  std::uint64_t sum = 0;
};

// The first n primes by trial division, with which the sieve's are compared.
inline first_primes primes_until(std::int64_t n) {
  std::vector<std::uint64_t> found;
  first_primes made;
  for (std::uint64_t next = 2; static_cast<std::int64_t>(found.size()) < n; ++next) {
    bool prime = true;
    for (const std::uint64_t p : found) {
      if (p * p > next) break;
      prime = next % p != 0;
      if (!prime) break;
    }
    if (!prime) continue;
    found.push_back(next);
    made.last = next;
    made.sum += next;
  }
  return made;
}

}  // namespace gobench::suites
