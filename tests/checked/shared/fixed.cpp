// Linked to lie at a fixed place, with data on the heap and in variables: two races.
#include <atomic>
#include <memory>
#include <thread>

static long variable = 0;

int main() {
  const auto on_heap = std::make_unique<long>(0);
  std::atomic<int> step{0};
  std::thread one([&] {
    ++variable;
    ++*on_heap;
    step.store(1, std::memory_order_relaxed);
  });
  while (step.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
  ++variable;
  ++*on_heap;
  one.join();
}
