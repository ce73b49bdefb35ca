// Coroutines, a fiber and an OS thread on the same channel, lock and event.
#include <cstdio>
#include <gobench.hpp>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace co = gobench::co;
using namespace std::chrono_literals;

namespace {

// Stackless: it takes a few hundred bytes while it waits.
gobench::co_task<int> square(int n) {
  co_await co::yield();
  co_return n* n;
}

gobench::co_task<> worker(gobench::chan<int> jobs, gobench::mutex& lock, int& sum) {
  while (auto job = co_await co::recv(jobs)) {
    const int result = co_await square(*job);  // or its exception
    auto held = co_await co::lock(lock);
    sum += result;
  }
}

gobench::co_task<int> count_until(gobench::chan<int> ticks, gobench::event& stop) {
  int seen = 0;
  for (bool more = true; more;) {
    co_await co::select(
        gobench::on_recv(
            ticks, [&](std::optional<int> tick) { tick ? void(++seen) : void(more = false); }),
        gobench::after(10s, [&] { more = false; }));
  }
  co_await co::wait(stop);
  co_return seen;
}

}  // namespace

int main() {
  return gobench::run([] {
    auto jobs = gobench::make_chan<int>(4);
    gobench::mutex lock;
    int sum = 0;
    std::vector<gobench::task> workers;
    for (int i = 0; i < 3; ++i) workers.push_back(gobench::spawn(worker(jobs, lock, sum)));
    // A fiber takes jobs too, and a thread that the runtime did not start sends them.
    workers.push_back(gobench::go([&] {
      for (int job : jobs) {
        const std::scoped_lock held(lock);
        sum += job * job;
      }
    }));
    std::thread outside([=] {
      for (int job = 1; job <= 100; ++job) jobs.send(job);
      jobs.close();
    });
    for (gobench::task& one : workers) one.join();
    gobench::blocking([&] { outside.join(); });

    auto ticks = gobench::make_chan<int>();
    gobench::event stop;
    auto counter = gobench::spawn(count_until(ticks, stop));
    for (int i = 0; i < 5; ++i) ticks.send(i);
    ticks.close();
    stop.set();
    const int seen = counter.join();  // the result of a co_task

    std::printf("sum of squares: %d, ticks: %d\n", sum, seen);
    return sum == 338350 && seen == 5 ? 0 : 1;
  });
}
