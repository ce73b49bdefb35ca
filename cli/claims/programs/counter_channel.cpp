// Two tasks send what is to be added to the task that owns the counter. Claim R1.
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto additions = gobench::make_chan<long>();
    const auto add = [additions] {
      for (int i = 0; i < 100; ++i) additions.send(1);
    };
    auto one = gobench::go(add);
    auto other = gobench::go(add);
    long counter = 0;
    for (int i = 0; i < 200; ++i) counter += additions.recv().value();
    one.join();
    other.join();
    return counter == 200 ? 0 : 1;
  });
}
