// Two threads add to a counter under a mutex. Claim R1.
#include <mutex>
#include <thread>

int main() {
  long counter = 0;
  std::mutex guard;
  const auto add = [&] {
    for (int i = 0; i < 100; ++i) {
      const std::lock_guard held(guard);
      ++counter;
    }
  };
  std::thread one(add);
  std::thread other(add);
  one.join();
  other.join();
  return counter == 200 ? 0 : 1;
}
