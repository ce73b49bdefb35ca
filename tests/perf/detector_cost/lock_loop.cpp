// All threads take one lock, add one, let it go.
#include <cstdio>
#include <mutex>

#include "workload.hpp"

int main(int count, char** arguments) {
  const int threads = cost::number(count, arguments, 2);
  std::mutex lock;
  long sum = 0;
  cost::in_threads(threads, [&](int) {
    for (int i = 0; i < 4'000'000 / threads; ++i) {
      const std::lock_guard held(lock);
      ++sum;
    }
  });
  std::printf("%ld\n", sum);
}
