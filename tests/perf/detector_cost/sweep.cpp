// Each thread goes over its part of an array again and again: one read and one write per number, no sharing.
#include <cstddef>
#include <cstdio>

#include "workload.hpp"

int main(int count, char** arguments) {
  const int threads = cost::number(count, arguments, 2);
  std::vector<int> numbers(6 << 20);
  cost::in_threads(threads, [&](int t) {
    const std::size_t n = numbers.size() / static_cast<std::size_t>(threads);
    int* const part = numbers.data() + static_cast<std::size_t>(t) * n;
    for (int round = 0; round < 12; ++round)
      for (std::size_t i = 0; i < n; ++i) part[i] = part[i] * 3 + 1;
  });
  std::printf("%d\n", numbers[17]);
}
