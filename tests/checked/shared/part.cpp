// An instrumented library: what the programs beside this file load.
#include <atomic>
#include <thread>

namespace {

long value = 0;
[[gnu::noinline]] void add() { ++value; }

}  // namespace

// One after the other, in no order that the detector sees.
extern "C" void part_races() {
  std::atomic<int> step{0};
  std::thread one([&] {
    add();
    step.store(1, std::memory_order_relaxed);
  });
  std::thread two([&] {
    while (step.load(std::memory_order_relaxed) == 0) std::this_thread::yield();
    add();
  });
  one.join();
  two.join();
}

extern "C" void part_is_ordered() {
  std::thread one([] { add(); });
  one.join();
  add();
}
