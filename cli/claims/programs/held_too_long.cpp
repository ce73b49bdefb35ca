// A thread sleeps with a lock that others want. Claim R9.
#include <chrono>
#include <latch>
#include <mutex>
#include <thread>

int main() {
  std::mutex guard;
  std::latch held(1);
  std::thread holder([&] {
    const std::lock_guard mine(guard);
    held.count_down();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
  });
  held.wait();
  guard.lock();
  guard.unlock();
  holder.join();
}
