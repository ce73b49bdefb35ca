// Two threads take two locks in opposite orders, one long after the other: no deadlock, this time. Claim R10.
#include <chrono>
#include <mutex>
#include <thread>

int main() {
  std::mutex left;
  std::mutex right;
  std::thread one([&] {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  });
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // which orders nothing
    const std::lock_guard first(right);
    const std::lock_guard second(left);
  });
  one.join();
  other.join();
}
