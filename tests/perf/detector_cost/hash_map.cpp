// A hash map behind a lock: a node is allocated by every second operation, memory is touched all over.
#include <cstdio>
#include <mutex>
#include <unordered_map>

#include "workload.hpp"

int main(int count, char** arguments) {
  const int threads = cost::number(count, arguments, 2);
  std::mutex lock;
  std::unordered_map<int, int> map;
  cost::in_threads(threads, [&](int t) {
    for (int i = 0; i < 1'600'000 / threads; ++i) {
      const std::lock_guard held(lock);
      ++map[(i * 7919 + t) % 800'000];
    }
  });
  std::printf("%zu\n", map.size());
}
