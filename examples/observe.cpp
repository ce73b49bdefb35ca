// A small pipeline to be looked at: run it with GOBENCH_TRACE=trace.json and open the file in
// ui.perfetto.dev, or press ctrl-\ while it runs with an argument, how many seconds it shall wait.
#include <chrono>
#include <cstdlib>
#include <gobench.hpp>
#include <iostream>

int main(int argc, char** argv) {
  return gobench::run([&] {
    const auto numbers = gobench::make_chan<int>(4);
    const auto squares = gobench::make_chan<int>();
    for (int i = 0; i < 3; ++i) {
      gobench::go([=] {
        for (const int n : numbers) squares.send(n * n);
      });
    }
    gobench::go([=] {
      for (int n = 1; n <= 100; ++n) numbers.send(n);
    });
    int sum = 0;
    for (int n = 1; n <= 100; ++n) sum += squares.recv().value_or(0);
    std::cout << "sum " << sum << "\n";
    if (argc > 1) gobench::sleep_for(std::chrono::seconds(std::atoi(argv[1])));
    const gobench::runtime_counters counted = gobench::counters();
    std::cout << counted.spawned << " tasks spawned, " << counted.parks << " waits, "
              << counted.steals << " steals\n";
  });
}
