// Two threads hold a lock each and want the other's. Claim R3.
#include <latch>
#include <mutex>
#include <thread>

int main() {
  std::mutex left;
  std::mutex right;
  std::latch both_hold_one(2);
  std::thread one([&] {
    const std::lock_guard first(left);
    both_hold_one.arrive_and_wait();
    const std::lock_guard second(right);
  });
  std::thread other([&] {
    const std::lock_guard first(right);
    both_hold_one.arrive_and_wait();
    const std::lock_guard second(left);
  });
  one.join();
  other.join();
}
