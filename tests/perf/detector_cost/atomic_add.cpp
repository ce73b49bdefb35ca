// All threads add to one atomic.
#include <atomic>
#include <cstdio>

#include "workload.hpp"

int main(int count, char** arguments) {
  const int threads = cost::number(count, arguments, 2);
  std::atomic<long> sum{0};
  cost::in_threads(threads, [&](int) {
    for (int i = 0; i < 8'000'000 / threads; ++i) sum.fetch_add(1);
  });
  std::printf("%ld\n", sum.load());
}
