// What the programs of the detector's cost share. scripts/detector-cost builds each of them plain, with the
// compilers' own detector and with ours, from the same source; none of them depends on anything of gobench.
#pragma once

#include <cstdlib>
#include <thread>
#include <vector>

namespace cost {

// The first argument, or `otherwise`.
inline int number(int count, char** arguments, int otherwise) {
  return count > 1 ? std::atoi(arguments[1]) : otherwise;
}

// f(0) to f(threads - 1), each in a thread of its own.
template <typename F>
void in_threads(int threads, F f) {
  std::vector<std::thread> all;
  for (int t = 0; t < threads; ++t) all.emplace_back(f, t);
  for (std::thread& one : all) one.join();
}

}  // namespace cost
