// Two tasks wait for each other's lock for ever, while others go on. Claim R3.
#include <chrono>
#include <gobench.hpp>
#include <mutex>

int main() {
  return gobench::run([] {
    gobench::mutex left;
    gobench::mutex right;
    gobench::barrier both_hold_one(2);
    auto one = gobench::go([&] {
      const std::lock_guard first(left);
      both_hold_one.arrive_and_wait();
      const std::lock_guard second(right);
    });
    auto other = gobench::go([&] {
      const std::lock_guard first(right);
      both_hold_one.arrive_and_wait();
      const std::lock_guard second(left);
    });
    for (int i = 0; i < 100; ++i) gobench::sleep_for(std::chrono::milliseconds(1));
    // They never end, and so neither does this.
    one.join();
    other.join();
  });
}
