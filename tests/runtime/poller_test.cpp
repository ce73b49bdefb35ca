#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/descriptor.hpp"
#include "runtime/internal/poller.hpp"
#include "runtime/internal/report.hpp"
#include "tests/runtime/support.hpp"

using namespace std::chrono_literals;
using gobench::runtime::descriptor;
using gobench::runtime::io_outcome;
using gobench::runtime::io_side;
using gobench::runtime::wait_reason;

namespace {

std::int64_t try_read(int fd) {
  char byte = 0;
  const ssize_t got = ::read(fd, &byte, 1);
  return got < 0 ? -errno : got;
}

io_outcome read_byte(descriptor& from) {
  return from.attempt(io_side::read, wait_reason::io_read, try_read);
}

// Two ends of a stream: ours to wait for, and the other one's number.
struct wire {
  descriptor near;
  int far = -1;

  wire() {
    std::array<int, 2> both{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, both.data()) != 0) std::abort();
    near = descriptor(both[0]);
    far = both[1];
  }
  ~wire() {
    if (far >= 0) ::close(far);
  }
  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;
  bool send() const { return ::write(far, "x", 1) == 1; }
};

void yield_until(const std::atomic<bool>& flag) {
  while (!flag.load()) gobench::yield();
}

class poller_test : public on_backends {};
GOBENCH_ON_BACKENDS(poller_test);

}  // namespace

TEST_P(poller_test, an_edge_wakes_who_waits) {
  wire line;
  run([&] {
    gobench::task reader = gobench::go([&] {
      for (int i = 0; i < 100; ++i) EXPECT_EQ(read_byte(line.near).value, 1);
    });
    for (int i = 0; i < 100; ++i) {
      EXPECT_TRUE(line.send());
      if (i % 3 == 0) gobench::sleep_for(100us);
    }
    reader.join();
  });
}

TEST_P(poller_test, all_who_wait_for_one_side_are_served) {
  wire line;
  run([&] {
    std::atomic<int> got{0};
    gobench::task_group readers;
    for (int i = 0; i < 6; ++i) {
      readers.go([&] {
        if (read_byte(line.near).value == 1) got.fetch_add(1);
      });
    }
    gobench::sleep_for(1ms);
    EXPECT_EQ(::write(line.far, "xxxxxx", 6), 6);
    readers.wait();
    EXPECT_EQ(got.load(), 6);
  });
}

TEST_P(poller_test, close_wakes_who_waits) {
  wire line;
  run([&] {
    gobench::task_group readers;
    for (int i = 0; i < 3; ++i)
      readers.go([&] { EXPECT_EQ(read_byte(line.near).how, io_outcome::kind::closed); });
    gobench::sleep_for(1ms);
    EXPECT_TRUE(line.near.close());
    EXPECT_FALSE(line.near.close());
    readers.wait();
    EXPECT_EQ(read_byte(line.near).how, io_outcome::kind::closed);
    char byte = 0;
    EXPECT_EQ(::read(line.far, &byte, 1), 0);  // really closed
  });
}

TEST_P(poller_test, a_deadline_ends_the_wait) {
  wire line;
  run([&] {
    line.near.set_deadline(io_side::read, std::chrono::steady_clock::now() + 2ms);
    EXPECT_EQ(read_byte(line.near).how, io_outcome::kind::timed_out);
    EXPECT_TRUE(line.send());
    EXPECT_EQ(read_byte(line.near).how, io_outcome::kind::timed_out);  // as in Go
    line.near.set_deadline(io_side::read, gobench::runtime::no_deadline);
    EXPECT_EQ(read_byte(line.near).value, 1);
  });
}

TEST_P(poller_test, a_deadline_may_come_and_go_while_somebody_waits) {
  wire line;
  run([&] {
    gobench::task reader =
        gobench::go([&] { EXPECT_EQ(read_byte(line.near).how, io_outcome::kind::timed_out); });
    gobench::sleep_for(1ms);
    line.near.set_deadline(io_side::read, std::chrono::steady_clock::now() + 1h);
    gobench::sleep_for(1ms);
    line.near.set_deadline(io_side::read, gobench::steady_time::min());
    reader.join();

    line.near.set_deadline(io_side::read, std::chrono::steady_clock::now() + 20ms);
    gobench::task patient = gobench::go([&] { EXPECT_EQ(read_byte(line.near).value, 1); });
    gobench::sleep_for(1ms);
    line.near.set_deadline(io_side::read, gobench::runtime::no_deadline);
    gobench::sleep_for(25ms);
    EXPECT_TRUE(line.send());
    patient.join();
  });
}

TEST_P(poller_test, the_end_of_the_run_ends_the_wait) {
  wire line;
  std::atomic<int> ends{0};
  run([&] {
    std::atomic<int> waiting{0};
    for (int i = 0; i < 4; ++i) {
      gobench::go([&] {
        counts_its_end counted(ends);
        waiting.fetch_add(1);
        static_cast<void>(read_byte(line.near));
        ADD_FAILURE() << "nobody has written anything";
      });
    }
    while (waiting.load() < 4) gobench::yield();
    gobench::sleep_for(1ms);
  });
  EXPECT_EQ(ends.load(), 4);
  // And the descriptor is as good as before, in another run.
  run([&] {
    gobench::task reader = gobench::go([&] { EXPECT_EQ(read_byte(line.near).value, 1); });
    gobench::yield();
    EXPECT_TRUE(line.send());
    reader.join();
  });
}

TEST_P(poller_test, the_next_file_of_the_same_number_gets_no_old_events) {
  run([&] {
    for (int i = 0; i < 200; ++i) {
      wire first;
      const std::int64_t number = first.near.with_number([](int fd) { return fd; }).value;
      gobench::task reader = gobench::go([&] { static_cast<void>(read_byte(first.near)); });
      gobench::yield();
      EXPECT_TRUE(first.send());
      first.near.close();
      reader.join();
      // Its number is free, and so is its block.
      wire second;
      EXPECT_EQ(second.near.with_number([](int fd) { return fd; }).value, number);
      second.near.set_deadline(io_side::read, std::chrono::steady_clock::now() + 100us);
      EXPECT_EQ(read_byte(second.near).how, io_outcome::kind::timed_out);
    }
  });
}

TEST_P(poller_test, the_number_stays_while_it_is_used) {
  wire line;
  run([&] {
    std::atomic<bool> inside{false};
    std::atomic<bool> closed{false};
    gobench::task user = gobench::go([&] {
      const auto made = line.near.with_number([&](int fd) -> std::int64_t {
        inside.store(true);
        yield_until(closed);
        return ::fcntl(fd, F_GETFD) < 0 ? -errno : 0;
      });
      EXPECT_EQ(made.how, io_outcome::kind::done);
    });
    yield_until(inside);
    line.near.close();
    closed.store(true);
    user.join();
    char byte = 0;
    EXPECT_EQ(::read(line.far, &byte, 1), 0);
  });
}

TEST_P(poller_test, what_epoll_refuses_is_told) {
  run([] {
    // A regular file cannot be waited for.
    descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    const auto made = file.attempt(io_side::read, wait_reason::io_read,
                                   [](int) -> std::int64_t { return -EAGAIN; });
    EXPECT_EQ(made.how, io_outcome::kind::failed);
    EXPECT_EQ(made.value, EPERM);
  });
}

TEST_P(poller_test, foreign_threads_wait_beside_tasks) {
  wire line;
  run([&] {
    std::atomic<int> got{0};
    gobench::task writer = gobench::go([&] {
      for (int i = 0; i < 8; ++i) {
        gobench::sleep_for(200us);
        EXPECT_TRUE(line.send());
      }
    });
    together({.tasks = 2, .threads = 2}, [&](int) {
      for (int i = 0; i < 2; ++i) got.fetch_add(static_cast<int>(read_byte(line.near).value));
    });
    writer.join();
    EXPECT_EQ(got.load(), 8);
  });
}

TEST_P(poller_test, who_waits_for_a_descriptor_is_no_deadlock) {
  wire line;
  run([&] {
    std::thread late([&] {
      std::this_thread::sleep_for(30ms);
      EXPECT_TRUE(line.send());
    });
    EXPECT_EQ(read_byte(line.near).value, 1);
    gobench::blocking([&] { late.join(); });
  });
}

TEST_P(poller_test, who_waits_from_outside_is_no_deadlock_either) {
  // The only one who could wake it is another process.
  wire line;
  const pid_t child = ::fork();
  if (child == 0) {
    ::usleep(20'000);
    ::_exit(line.send() ? 0 : 1);
  }
  run([&] { EXPECT_EQ(read_byte(line.near).value, 1); });
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST_P(poller_test, afterwards_deadlocks_are_found_as_before) {
  run([] {
    wire line;
    gobench::task reader = gobench::go([&] { EXPECT_EQ(read_byte(line.near).value, 1); });
    gobench::yield();
    EXPECT_TRUE(line.send());
    reader.join();
  });
  EXPECT_THROW(run([] { gobench::make_chan<int>().recv(); }), gobench::deadlock);
}

TEST_P(poller_test, a_blocking_call_does_not_keep_others_from_their_descriptors) {
  wire line;
  run([&] {
    std::atomic<bool> served{false};
    gobench::task reader = gobench::go([&] {
      EXPECT_EQ(read_byte(line.near).value, 1);
      served.store(true);
    });
    gobench::yield();
    gobench::blocking([&] {
      EXPECT_TRUE(line.send());
      while (!served.load()) std::this_thread::sleep_for(100us);
    });
    reader.join();
  });
}

TEST_P(poller_test, a_task_that_computes_does_not_keep_others_from_their_descriptors) {
  wire line;
  run([&] {
    std::atomic<bool> served{false};
    gobench::task reader = gobench::go([&] {
      EXPECT_EQ(read_byte(line.near).value, 1);
      served.store(true);
    });
    gobench::sleep_for(1ms);
    EXPECT_TRUE(line.send());
    while (!served.load()) {  // without a scheduling point
    }
    reader.join();
  });
}

// What a worker that sleeps in epoll_wait() has to be woken for: timers, other tasks, other threads.
TEST_P(poller_test, timers_and_tasks_go_on_beside_who_waits) {
  wire line;
  run([&] {
    gobench::task reader = gobench::go([&] { EXPECT_EQ(read_byte(line.near).value, 1); });
    gobench::chan<int> from_outside = gobench::make_chan<int>();
    std::thread outside([&] {
      for (int i = 0; i < 20; ++i) {
        std::this_thread::sleep_for(200us);
        from_outside.send(i);
      }
    });
    for (int i = 0; i < 20; ++i) {
      const auto before = std::chrono::steady_clock::now();
      gobench::sleep_for(300us);
      EXPECT_GE(std::chrono::steady_clock::now() - before, 300us);
      EXPECT_EQ(from_outside.recv(), i);
    }
    gobench::blocking([&] { outside.join(); });
    EXPECT_TRUE(line.send());
    reader.join();
  });
}

TEST_P(poller_test, many_descriptors) {
  constexpr std::size_t count = 200;  // more than a worker harvests at once
  std::vector<wire> lines(count);
  run([&] {
    std::atomic<int> got{0};
    gobench::task_group readers;
    for (wire& line : lines) {
      readers.go([&] {
        for (int i = 0; i < 3; ++i) got.fetch_add(static_cast<int>(read_byte(line.near).value));
      });
    }
    for (int i = 0; i < 3; ++i) {
      gobench::yield();
      for (const wire& line : lines) EXPECT_TRUE(line.send());
    }
    readers.wait();
    EXPECT_EQ(got.load(), 3 * static_cast<int>(count));
  });
}

// Only fibers can be abandoned where they stand.
TEST(poller, a_task_that_was_abandoned_is_woken_in_vain) {
  gobench::options chosen = on_fibers(2);
  chosen.end = gobench::at_end::abandon;
  auto& line = *new wire;  // the abandoned ones hold it for ever
  std::atomic<int> waiting{0};
  gobench::run(chosen, [&] {
    for (int i = 0; i < 3; ++i) {
      gobench::go([&line, &waiting] {
        waiting.fetch_add(1);
        static_cast<void>(read_byte(line.near));
      });
    }
    while (waiting.load() < 3) gobench::yield();
    gobench::sleep_for(1ms);
  });
  gobench::run(on_fibers(2), [&] {
    EXPECT_TRUE(line.send());
    for (int i = 0; i < 100; ++i) gobench::go([] { gobench::sleep_for(10us); });
    gobench::sleep_for(5ms);
    EXPECT_EQ(read_byte(line.near).value, 1);
  });
  EXPECT_THROW(gobench::run(on_fibers(2), [] { gobench::make_chan<int>().recv(); }),
               gobench::deadlock);
}

TEST(poller, after_a_fork_the_child_has_a_poller_of_its_own) {
#if defined(GOBENCH_FLAVOUR_TSAN) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "ThreadSanitizer allows no threads after a fork";
#endif
  for (const gobench::options& chosen : {on_fibers(2), on_threads(2)}) {
    const auto exchange = [&chosen](wire& line) {
      bool good = false;
      gobench::run(chosen, [&] {
        gobench::task reader = gobench::go([&] { good = read_byte(line.near).value == 1; });
        gobench::sleep_for(1ms);
        good = line.send();
        reader.join();
      });
      return good;
    };
    wire inherited;
    EXPECT_TRUE(exchange(inherited));
    const pid_t child = ::fork();
    if (child == 0) {
      wire own;
      ::_exit(exchange(own) && exchange(inherited) ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(exchange(inherited));
  }
}

// A fiber that waits does not hold its thread: thousands of them need no more threads than a few.
TEST(poller, waiting_fibers_hold_no_threads) {
  std::vector<wire> lines(100);
  gobench::run(on_fibers(2), [&] {
    std::atomic<int> waiting{0};
    gobench::task_group readers;
    for (wire& line : lines) {
      readers.go([&] {
        waiting.fetch_add(1);
        static_cast<void>(read_byte(line.near));
      });
    }
    while (waiting.load() < 100) gobench::yield();
    gobench::sleep_for(1ms);
    std::size_t threads = 0;
    for (std::ifstream status("/proc/self/status"); status;) {
      std::string word;
      status >> word;
      if (word == "Threads:") status >> threads;
    }
    EXPECT_LT(threads, 20U);
    for (const wire& line : lines) EXPECT_TRUE(line.send());
    readers.wait();
  });
}

TEST(poller, reports_name_the_descriptor) {
  using gobench::runtime::describe_wait;
  const auto* seven = reinterpret_cast<const void*>(std::intptr_t{7});
  EXPECT_EQ(describe_wait(wait_reason::io_read, seven), "reading from fd 7");
  EXPECT_EQ(describe_wait(wait_reason::io_write, seven), "writing to fd 7");
  EXPECT_EQ(describe_wait(wait_reason::io_accept, seven), "accepting a connection at fd 7");
  EXPECT_EQ(describe_wait(wait_reason::io_connect, nullptr), "connecting fd 0");
  EXPECT_EQ(describe_wait(wait_reason::sleep, nullptr), "sleeping");
}
