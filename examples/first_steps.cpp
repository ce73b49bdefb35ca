#include <cstdio>
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto jobs = gobench::make_chan<int>(4);
    auto results = gobench::make_chan<long>();
    gobench::wait_group working;

    for (int worker = 0; worker < 3; ++worker) {
      working.add();
      gobench::go([=, &working] {
        for (int job : jobs) results.send(long{job} * job);
        working.done();
      });
    }
    gobench::go([=, &working] {
      for (int job = 1; job <= 100; ++job) jobs.send(job);
      jobs.close();
      working.wait();
      results.close();
    });

    long sum = 0;
    for (long square : results) sum += square;
    std::printf("sum of squares: %ld\n", sum);
    return sum == 338350 ? 0 : 1;
  });
}
