// The same with gobench's own fibers, which wait on a channel; only for gobench::check.
// Prints megabytes with all alive, nanoseconds of CPU time per fiber, and nanoseconds per fiber of the million.
#include <ctime>
#include <gobench.hpp>

#include "fibers.hpp"
#include "workload.hpp"

int main(int count, char** arguments) {
  const int fibers = cost::number(count, arguments, 100'000);
  const int in_turn = count > 2 ? std::atoi(arguments[2]) : 1'000'000;
  const auto nanoseconds = [](std::clock_t since, int n) {
    return static_cast<double>(std::clock() - since) / CLOCKS_PER_SEC * 1e9 / n;
  };
  return gobench::run([=] {
    auto arrived = gobench::make_chan<int>(0);
    auto leave = gobench::make_chan<int>(0);
    std::clock_t begin = std::clock();
    for (int i = 0; i < fibers; ++i)
      gobench::go([=] {
        arrived.send(i);
        (void)leave.recv();
      });
    long sum = 0;
    for (int i = 0; i < fibers; ++i) sum += *arrived.recv();
    const double resident = cost::resident_mb();
    for (int i = 0; i < fibers; ++i) leave.send(i);
    const double live = nanoseconds(begin, fibers);
    begin = std::clock();
    for (int i = 0; i < in_turn; ++i) {
      gobench::task one = gobench::go([&sum, i] { sum += i; });
      one.join();
    }
    std::printf("%.0f %.0f %.0f\n", resident, live, nanoseconds(begin, in_turn));
    return sum == 0 ? 1 : 0;
  });
}
