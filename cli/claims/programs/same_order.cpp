// Two threads take two locks in the same order. Claim R10.
#include <mutex>
#include <thread>

int main() {
  std::mutex left;
  std::mutex right;
  const auto take_both = [&] {
    const std::lock_guard first(left);
    const std::lock_guard second(right);
  };
  std::thread one(take_both);
  std::thread other(take_both);
  one.join();
  other.join();
}
