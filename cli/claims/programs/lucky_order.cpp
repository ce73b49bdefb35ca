// Two threads take two locks in opposite orders, one thread after the other in nearly every run. Claim R3: only some
// schedules end in a deadlock.
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
    const std::lock_guard first(right);
    const std::lock_guard second(left);
  });
  one.join();
  other.join();
}
