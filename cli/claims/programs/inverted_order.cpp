// Two threads take two locks in opposite orders, but never at the same time: no deadlock, this time. Claim R10.
#include <mutex>
#include <thread>

int main() {
  std::mutex left;
  std::mutex right;
  std::thread([&] {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  }).join();
  std::thread([&] {
    const std::lock_guard first(right);
    const std::lock_guard second(left);
  }).join();
}
