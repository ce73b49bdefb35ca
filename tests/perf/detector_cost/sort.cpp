// Each thread sorts its part of what the main thread has filled in.
#include <algorithm>
#include <cstdio>
#include <random>

#include "workload.hpp"

int main(int count, char** arguments) {
  const int threads = cost::number(count, arguments, 2);
  std::vector<int> numbers(3 << 20);
  std::mt19937 random(1);
  for (int& one : numbers) one = static_cast<int>(random());
  cost::in_threads(threads, [&](int t) {
    const std::ptrdiff_t n = static_cast<std::ptrdiff_t>(numbers.size()) / threads;
    std::sort(numbers.begin() + t * n, numbers.begin() + (t + 1) * n);
  });
  std::printf("%d\n", numbers[3]);
}
