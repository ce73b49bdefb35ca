// What shared_mutex promises: readers beside each other, never beside a writer, and nobody starves.
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <shared_mutex>

#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

class shared_mutex_test : public on_backends {};
GOBENCH_ON_BACKENDS(shared_mutex_test);

TEST_P(shared_mutex_test, example) {
  run([] {
    gobench::shared_mutex m;
    std::map<int, int> table;
    {
      const std::shared_lock reading(m);  // or m.lock_shared() ... m.unlock_shared()
      EXPECT_EQ(table.count(7), 0U);
    }
    {
      const std::scoped_lock writing(m);  // or m.lock() ... m.unlock()
      table[7] = 1;
    }
    EXPECT_EQ(table[7], 1);
  });
}

// Who is inside, as the lock allows it.
struct model {
  std::atomic<int> readers{0};
  std::atomic<int> writers{0};
  long written = 0;  // not atomic: the lock orders it

  long read(bool linger) {
    ++readers;
    EXPECT_EQ(writers, 0);
    const long seen = written;
    if (linger) gobench::yield();
    EXPECT_EQ(written, seen);
    EXPECT_EQ(writers, 0);
    --readers;
    return seen;
  }
  void write(bool linger) {
    EXPECT_EQ(++writers, 1);
    EXPECT_EQ(readers, 0);
    const long before = written;
    if (linger) gobench::yield();
    EXPECT_EQ(readers, 0);
    written = before + 1;
    EXPECT_EQ(--writers, 0);
  }
};

TEST_P(shared_mutex_test, readers_and_writers_exclude_each_other) {
  run([] {
    gobench::shared_mutex m;
    model inside;
    std::atomic<long> writes{0};
    together({.tasks = 8, .threads = 2}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      long newest = 0;
      for (int round = 0; round < 400; ++round) {
        const bool linger = random() % 8 == 0;
        if (random() % 4 == 0) {
          const std::scoped_lock writing(m);
          inside.write(linger);
          ++writes;
        } else {
          const std::shared_lock reading(m);
          const long seen = inside.read(linger);
          EXPECT_GE(seen, newest);
          newest = seen;
        }
      }
    });
    EXPECT_EQ(inside.written, writes);
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

// Plain memory only, so that a sanitizer sees every edge that is missing.
TEST_P(shared_mutex_test, orders_what_readers_and_writers_do) {
  run([] {
    gobench::shared_mutex m;
    long value = 0;
    long copy = 0;
    together({.tasks = 6, .threads = 2}, [&](int i) {
      for (int round = 0; round < 400; ++round) {
        if ((round + i) % 4 == 0) {
          const std::scoped_lock writing(m);
          ++value;
          if (round % 16 == 0) gobench::yield();
          ++copy;
        } else {
          const std::shared_lock reading(m);
          EXPECT_EQ(value, copy);
        }
      }
    });
    EXPECT_EQ(value, 8 * 100);
  });
}

TEST_P(shared_mutex_test, timed_forms_mixed_with_all_others_lose_nobody) {
  run([] {
    gobench::shared_mutex m;
    model inside;
    std::atomic<long> writes{0};
    together({.tasks = 8, .threads = 2}, [&](int i) {
      std::minstd_rand random(static_cast<unsigned>(i) + 1);
      for (int round = 0; round < 300; ++round) {
        const bool linger = random() % 4 == 0;
        const auto patience = std::chrono::microseconds(random() % 20);
        switch ((static_cast<unsigned>(i) + random()) % 5) {
          case 0:
            m.lock();
            inside.write(linger), ++writes;
            m.unlock();
            break;
          case 1:
            if (m.try_lock_for(patience)) {
              inside.write(linger), ++writes;
              m.unlock();
            }
            break;
          case 2:
            m.lock_shared();
            inside.read(linger);
            m.unlock_shared();
            break;
          case 3:
            if (m.try_lock_shared_for(patience)) {
              inside.read(linger);
              m.unlock_shared();
            }
            break;
          default:
            if (m.try_lock()) {
              inside.write(linger), ++writes;
              m.unlock();
            } else if (m.try_lock_shared()) {
              inside.read(linger);
              m.unlock_shared();
            }
        }
      }
    });
    EXPECT_EQ(inside.written, writes);
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

TEST_P(shared_mutex_test, readers_share) {
  run([] {
    gobench::shared_mutex m;
    m.lock_shared();
    // Each returns only because the others, who still hold it, do not keep it out.
    gobench::go([&] {
      m.lock_shared();
      EXPECT_TRUE(m.try_lock_shared());
      EXPECT_TRUE(m.try_lock_shared_for(1h));
      EXPECT_FALSE(m.try_lock());
      EXPECT_FALSE(m.try_lock_for(1ms));
      m.unlock_shared();
      m.unlock_shared();
    }).join();
    m.unlock_shared();
    EXPECT_FALSE(m.try_lock());  // the task has left one hold behind
    m.unlock_shared();
    EXPECT_TRUE(m.try_lock());
    EXPECT_FALSE(m.try_lock_shared());
    EXPECT_FALSE(m.try_lock_shared_for(1ms));
    m.unlock();
  });
}

TEST_P(shared_mutex_test, misuse) {
  run([] {
    gobench::shared_mutex m;
    EXPECT_THROW(m.unlock(), gobench::misuse);
    EXPECT_THROW(m.unlock_shared(), gobench::misuse);
    m.lock();
    EXPECT_THROW(m.unlock_shared(), gobench::misuse);
    EXPECT_FALSE(m.try_lock_shared());
    m.unlock();
    m.lock_shared();
    EXPECT_THROW(m.unlock(), gobench::misuse);
    EXPECT_FALSE(m.try_lock());
    m.unlock_shared();
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

// There is always a reader inside until a new reader is refused, which only a waiting writer does.
TEST_P(shared_mutex_test, a_waiting_writer_holds_back_new_readers) {
  run([] {
    gobench::shared_mutex m;
    bool written = false;
    m.lock_shared();
    gobench::task writer = gobench::go([&] {
      const std::scoped_lock writing(m);
      written = true;
    });
    const auto give_up = steady_clock::now() + 60s;
    while (m.try_lock_shared()) {
      m.unlock_shared();
      ASSERT_LT(steady_clock::now(), give_up);
      gobench::yield();
    }
    m.unlock_shared();
    writer.join();
    EXPECT_TRUE(written);
  });
}

TEST_P(shared_mutex_test, a_writer_gets_in_among_overlapping_readers) {
  run([] {
    gobench::shared_mutex m;
    std::atomic<bool> written{false};
    const auto give_up = steady_clock::now() + 60s;
    together({.tasks = 5, .threads = 1}, [&](int i) {
      if (i == 0) {
        const std::scoped_lock writing(m);
        written = true;
        return;
      }
      // Four tasks and a thread: hardly ever is none of them inside.
      while (!written && steady_clock::now() < give_up) {
        const std::shared_lock reading(m);
        gobench::yield();
      }
    });
    EXPECT_TRUE(written);
  });
}

// As for mutex: the hog is away from its processor only while it holds the lock, so without the
// hand-off no other writer gets in.
TEST_P(shared_mutex_test, a_starving_writer_is_handed_the_lock) {
  run([] {
    gobench::shared_mutex m;
    std::atomic<int> served{0};
    m.lock();
    std::vector<gobench::task> waiting;
    for (int i = 0; i < 3; ++i) {
      waiting.push_back(gobench::go([&] {
        const std::scoped_lock writing(m);
        ++served;
      }));
    }
    const auto give_up = steady_clock::now() + 60s;
    while (served < 3 && steady_clock::now() < give_up) {
      gobench::yield();
      m.unlock();
      m.lock();
    }
    EXPECT_EQ(served, 3);
    m.unlock();
    for (auto& t : waiting) t.join();
  });
}

// One of the writers always waits while the other one writes; the reader comes in between all the
// same.
TEST_P(shared_mutex_test, a_reader_gets_in_among_overlapping_writers) {
  run([] {
    gobench::shared_mutex m;
    std::atomic<bool> read{false};
    const auto give_up = steady_clock::now() + 60s;
    together({.tasks = 4}, [&](int i) {
      if (i == 0) {
        const std::shared_lock reading(m);
        read = true;
        return;
      }
      do {
        const std::scoped_lock writing(m);
        gobench::yield();
      } while (!read && steady_clock::now() < give_up);
    });
    EXPECT_TRUE(read);
  });
}

// The main task holds the lock as a reader all the time, so the other reader only ever comes in
// between the writer's attempts: when one of them gives up, it has to let the reader in.
TEST_P(shared_mutex_test, a_writer_that_gives_up_lets_the_readers_in) {
  run([] {
    gobench::shared_mutex m;
    std::atomic<bool> done{false};
    m.lock_shared();
    gobench::task writer = gobench::go([&] {
      while (!done) EXPECT_FALSE(m.try_lock_for(200us));
    });
    gobench::go([&] {
      for (int i = 0; i < 100; ++i) {
        const std::shared_lock reading(m);
        gobench::yield();
      }
    }).join();
    done = true;
    writer.join();
    m.unlock_shared();
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

TEST_P(shared_mutex_test, gives_up_when_the_time_is_over_and_not_before) {
  run([] {
    gobench::shared_mutex m;
    m.lock();
    gobench::go([&] {
      const auto begin = steady_clock::now();
      EXPECT_FALSE(m.try_lock_for(3ms));
      EXPECT_GE(steady_clock::now() - begin, 3ms);
      EXPECT_FALSE(m.try_lock_shared_for(3ms));
      EXPECT_GE(steady_clock::now() - begin, 6ms);
      EXPECT_FALSE(m.try_lock_until(begin + 8ms));
      EXPECT_GE(steady_clock::now() - begin, 8ms);
      EXPECT_FALSE(m.try_lock_shared_until(begin + 10ms));
      EXPECT_GE(steady_clock::now() - begin, 10ms);
      EXPECT_FALSE(m.try_lock_for(-1h));
      EXPECT_FALSE(m.try_lock_shared_for(-1h));
    }).join();
    m.unlock();
    // Nothing of the waiters is left behind: later ones are let in as ever.
    ASSERT_TRUE(m.try_lock());
    gobench::task writer = gobench::go([&] { const std::scoped_lock writing(m); });
    gobench::task reader = gobench::go([&] { const std::shared_lock reading(m); });
    gobench::yield();
    m.unlock();
    writer.join();
    reader.join();
    EXPECT_TRUE(m.try_lock());
    m.unlock();
  });
}

TEST_P(shared_mutex_test, waiters_leave_when_the_run_ends) {
  gobench::shared_mutex m;
  m.lock();
  run([&] {
    for (int i = 0; i < 3; ++i) {
      gobench::go([&] {
        const std::scoped_lock writing(m);
        ADD_FAILURE() << "locked although it is held";
      });
      gobench::go([&] {
        const std::shared_lock reading(m);
        ADD_FAILURE() << "locked although it is held";
      });
    }
    for (int i = 0; i < 100; ++i) gobench::yield();
  });
  m.unlock();
  EXPECT_TRUE(m.try_lock());
  m.unlock();
}

}  // namespace
