#include <cstdio>
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto jobs = gobench::make_chan<int>(4);
    auto squares = gobench::make_chan<int>();
    for (int worker = 0; worker < 3; ++worker) {
      gobench::go([=] {
        for (int job : jobs) squares.send(job * job);
      });
    }
    gobench::go([=] {
      for (int job = 1; job <= 100; ++job) jobs.send(job);
      jobs.close();
    });
    int sum = 0;
    for (int i = 0; i < 100; ++i) sum += *squares.recv();
    std::printf("sum of squares: %d\n", sum);
    return sum == 338350 ? 0 : 1;
  });
}
