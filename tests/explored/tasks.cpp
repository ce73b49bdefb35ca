// The library's tasks, on threads while they are explored.
#include <chrono>
#include <gobench.hpp>
#include <string>
#include <vector>

#include "tests/explored/cases.hpp"

using namespace std::chrono_literals;

// All that tasks meet at; prints the same in every schedule.
EXPLORED(tasks) {
  return gobench::run([] {
    auto values = gobench::make_chan<int>(2);
    auto results = gobench::make_chan<int>();
    gobench::wait_group done;
    gobench::mutex mutex;
    gobench::once once;
    gobench::semaphore two(2);
    int sum = 0;
    int ended = 0;
    for (int i = 0; i != 3; ++i) {
      done.add();
      gobench::go([&] {
        for (const int value : values) {
          two.acquire();
          results.send(value * 10);
          two.release();
        }
        once.call([&] { ended += 1000; });
        done.done();
      });
    }
    gobench::go([&] {
      for (int i = 0; i != 6; ++i) values.send(i);
      values.close();
    });
    auto [timed, cancel] = gobench::with_timeout(gobench::background(), 1h);
    for (int i = 0; i != 6; ++i) {
      const auto got = results.recv();
      const std::scoped_lock hold(mutex);
      sum += got.value_or(0);
    }
    done.wait();
    gobench::timer after(30min);
    int fired = 0;
    gobench::select(gobench::on_recv(timed.done(), [&](auto) { fired = 1; }),
                    gobench::on_recv(after.chan(), [&](auto) { fired = 2; }));
    gobench::sleep_for(2h);
    std::printf("%d %s\n", sum + ended,
                fired != 0 && timed.err() != gobench::context_error::none ? "late" : "early");
  });
}

// Which of two ready cases is taken.
EXPLORED(select_case) {
  return gobench::run([] {
    auto one = gobench::make_chan<int>(1);
    auto other = gobench::make_chan<int>(1);
    one.send(1);
    other.send(2);
    gobench::select(gobench::on_recv(one, [](auto) { std::printf("one\n"); }),
                    gobench::on_recv(other, [](auto) { std::printf("other\n"); }));
  });
}

EXPLORED(nobody_sends) {
  return gobench::run([] { gobench::make_chan<int>().recv(); });
}
