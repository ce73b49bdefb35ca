// Two threads add to an atomic counter. Claim R1.
#include <atomic>
#include <thread>

int main() {
  std::atomic<long> counter = 0;
  const auto add = [&] {
    for (int i = 0; i < 100; ++i) counter.fetch_add(1, std::memory_order_relaxed);
  };
  std::thread one(add);
  std::thread other(add);
  one.join();
  other.join();
  return counter == 200 ? 0 : 1;
}
