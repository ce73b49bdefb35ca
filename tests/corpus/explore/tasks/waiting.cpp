// wait_group, semaphore, barrier, latch, event, joins and groups of tasks.
#include <atomic>
#include <mutex>
#include <stdexcept>

#include "tests/corpus/explore/tasks.hpp"

namespace {

using corpus::explore_case;
using corpus::together;

struct task_wait_group_negative : explore_case {
  gobench::wait_group group;
  std::atomic<bool> cancelled{false};
  void work() {
    if (cancelled) {
      group.done();
      if (twin()) return;
    }
    group.done();
  }
  void run() {
    group.add(1);
    together([this] { work(); }, [this] { cancelled = true; });
    group.wait();
  }
};
EXPLORE_CASE(task_wait_group_negative, "misuse|crash", "",
             "a path for cancelled work says done, and goes on to the end");

struct task_wait_group_add_inside : explore_case {
  gobench::wait_group group;
  std::atomic<int> finished{0};
  void run() {
    gobench::task tasks[2];
    for (gobench::task& one : tasks) {
      if (twin()) group.add();
      one = gobench::go([this] {
        if (!twin()) group.add();
        ++finished;
        group.done();
      });
    }
    tasks[0].join();
    group.wait();
    const int seen = finished;
    tasks[1].join();
    assert(seen == 2);
  }
};
EXPLORE_CASE(task_wait_group_add_inside, "assertion|misuse", "",
             "tasks add themselves to the group that is waited for");

struct task_wait_group_reused : explore_case {
  gobench::wait_group group;
  gobench::barrier between{2};
  void run() {
    group.add(1);
    together(
        [this] {
          group.wait();
          if (twin()) between.arrive_and_wait();
        },
        [this] {
          group.done();
          if (twin()) between.arrive_and_wait();
          group.add(1);
          group.done();
        });
  }
};
EXPLORE_CASE(task_wait_group_reused, "misuse|crash", "",
             "a wait_group begins its next round while somebody waits for the last");

struct task_wait_group_not_done : explore_case {
  gobench::wait_group group;
  std::atomic<bool> cancelled{false};
  void work() {
    if (cancelled && !twin()) return;
    group.done();
  }
  void run() {
    group.add(2);
    together([this] { work(); }, [this] { work(); }, [this] { cancelled = true; },
             [this] { group.wait(); });
  }
};
EXPLORE_CASE(task_wait_group_not_done, "deadlock", "", "a task that stops early is not done");

struct task_lost_permit : explore_case {
  gobench::semaphore permits{1};
  std::atomic<bool> closed{false};
  void use() {
    permits.acquire();
    if (closed && !twin()) return;
    permits.release();
  }
  void run() {
    together([this] { use(); }, [this] { use(); }, [this] { closed = true; });
  }
};
EXPLORE_CASE(task_lost_permit, "deadlock", "", "a way out of a section keeps its permit");

struct task_two_permits_each : explore_case {
  gobench::semaphore permits{2};
  void work() {
    if (twin()) {
      permits.acquire(2);
    } else {
      permits.acquire();
      permits.acquire();
    }
    permits.release(2);
  }
  void run() {
    together([this] { work(); }, [this] { work(); });
  }
};
EXPLORE_CASE(task_two_permits_each, "deadlock", "",
             "two need two permits of two, and take them one by one");

struct task_barrier_count : explore_case {
  gobench::barrier all{3};
  std::atomic<bool> failed{false};
  void work() {
    if (failed && !twin()) return;
    all.arrive_and_wait();
  }
  void run() {
    together([this] { work(); }, [this] { work(); }, [this] { work(); }, [this] { failed = true; });
  }
};
EXPLORE_CASE(task_barrier_count, "deadlock", "",
             "a task that gives up is still counted by the barrier");

struct task_latch_count : explore_case {
  gobench::latch done{2};
  std::atomic<int> next{0};
  void work() {
    int mine = 0;
    while ((!twin() || mine == 0) && next++ < 2) {
      ++mine;
      gobench::yield();  // the job
    }
    if (mine > 0) done.count_down();
  }
  void run() {
    const auto worker = [this] { work(); };
    together(worker, worker, [this] { done.wait(); });
  }
};
EXPLORE_CASE(task_latch_count, "deadlock", "",
             "a latch counts workers, and one has done the work of two");

struct task_event_pulse : explore_case {
  gobench::event go_on;
  void run() {
    together([this] { go_on.wait(); },
             [this] {
               go_on.set();
               if (!twin()) go_on.reset();
             });
  }
};
EXPLORE_CASE(task_event_pulse, "deadlock", "",
             "an event is set and reset before the other one waits");

struct task_join_cycle : explore_case {
  gobench::mutex m;
  gobench::task tasks[2];
  gobench::wait_group over;
  void join_other(int other) {
    gobench::task mine;
    {
      const std::scoped_lock held(m);
      mine = std::move(tasks[other]);
    }
    if (mine.joinable()) mine.join();
  }
  void run() {
    over.add(2);
    for (int i = 0; i < 2; ++i) {
      gobench::task made = gobench::go([this, i] {
        if (!twin() || i == 0) join_other(1 - i);
        over.done();
      });
      const std::scoped_lock held(m);
      tasks[i] = std::move(made);
    }
    over.wait();
    join_other(1);
    join_other(0);
  }
};
EXPLORE_CASE(task_join_cycle, "deadlock", "", "two tasks join each other");

struct task_group_ignores_context : explore_case {
  gobench::chan<int> parts = gobench::make_chan<int>();
  std::atomic<bool> broken{false};
  void run() {
    gobench::task_group group;
    group.go([&] {
      if (broken) throw std::runtime_error("no part");
      parts.send(1);
    });
    group.go([&] {
      if (twin())
        gobench::select(gobench::on_recv(parts), gobench::on_recv(group.context().done()));
      else
        parts.recv();
    });
    // The sender waits for nobody but the receiver, which is there in any case.
    group.go([&] { broken = true; });
    try {
      group.wait();
    } catch (const std::runtime_error&) {
    }
  }
};
EXPLORE_CASE(task_group_ignores_context, "deadlock", "",
             "one task of a group fails, and another waits for it without the context");

struct task_worker_left_over : explore_case {
  gobench::chan<int> jobs = gobench::make_chan<int>(4);
  gobench::mutex m;
  int workers = 0;
  void need_worker() {
    std::unique_lock held(m);
    if (workers > 0) return;
    if (!twin()) {
      held.unlock();
      held.lock();
    }
    ++workers;
    gobench::go([this] { jobs.recv(); });
  }
  void run() {
    together([this] { need_worker(); }, [this] { need_worker(); });
    jobs.send(1);
    gobench::sleep_for(std::chrono::milliseconds(1));
  }
};
EXPLORE_CASE(task_worker_left_over, "leak", "", "two start the worker that there should be one of");

struct task_check_then_act : explore_case {
  gobench::mutex m;
  int seats = 1;
  bool free() {
    const std::scoped_lock held(m);
    return seats > 0;
  }
  void book() {
    if (!free()) return;
    const std::scoped_lock held(m);
    if (twin() && seats == 0) return;
    --seats;
    assert(seats >= 0);
  }
  void run() {
    together([this] { book(); }, [this] { book(); });
  }
};
EXPLORE_CASE(task_check_then_act, "assertion", "",
             "a seat is free when it is looked at, and booked twice");

}  // namespace
