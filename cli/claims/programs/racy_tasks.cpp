// Two tasks add to a counter, and nothing orders the additions. Claim V8.
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    long counter = 0;
    const auto add = [&] { ++counter; };
    auto one = gobench::go(add);
    auto other = gobench::go(add);
    one.join();
    other.join();
  });
}
