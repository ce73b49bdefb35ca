// Two threads add to a counter, and nothing orders the additions. Claim R1.
#include <thread>

int main() {
  long counter = 0;
  const auto add = [&] {
    for (int i = 0; i < 100; ++i) ++counter;
  };
  std::thread one(add);
  std::thread other(add);
  one.join();
  other.join();
  return 0;
}
