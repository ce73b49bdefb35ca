// What the clocks of the race detector cost in time and memory, by how the tasks of a program meet.
// usage: clock_cost [TASKS [SECONDS]]   prints a table in CPU time; an operation is acquire, release and advance on one lock
#include "detector/clocks/node_pool.hpp"
#include "detector/clocks/object_clock.hpp"
#include "detector/clocks/task_clock.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

namespace {

using namespace gobench::detector;

// CPU time, since the machine may have other things to do.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct world {
  std::vector<task_clock> tasks;
  std::vector<object_clock> objects;
  std::uint64_t state = 88172645463325252U;

  explicit world(std::size_t n) : tasks(n), objects(n) {
    tasks[0].begin(1, 1);
    for (std::size_t t = 1; t != n; ++t) spawn(t);
  }
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  ~world() {
    for (auto& one : tasks) one.reset();
    for (auto& one : objects) one.clear();
  }
  void spawn(std::size_t t) {
    tasks[t].begin(static_cast<task_id>(t + 1), 1);
    tasks[t].acquire(tasks[0]);
    tasks[0].advance();
  }
  void lock(std::size_t t, std::size_t o) {
    tasks[t].acquire(objects[o]);
    tasks[t].release(objects[o]);
    tasks[t].advance();
  }
  std::size_t random(std::size_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<std::size_t>((state >> 11) % n);
  }
};

struct pattern {
  const char* name;
  std::function<void(world&, std::size_t)> step;
};

const pattern patterns[] = {
    {"own lock", [](world& w, std::size_t i) { w.lock(i % w.tasks.size(), i % w.tasks.size()); }},
    {"private pairs",
     [](world& w, std::size_t) {
       const auto t = w.random(w.tasks.size());
       w.lock(t, t / 2);
     }},
    {"ring",
     [](world& w, std::size_t i) {
       const std::size_t n = w.tasks.size();
       w.tasks[i % n].acquire(w.objects[(i + n - 1) % n]);
       w.tasks[i % n].release(w.objects[i % n]);
       w.tasks[i % n].advance();
     }},
    {"fan-in",
     [](world& w, std::size_t) {
       const auto t = w.random(w.tasks.size());
       w.tasks[t].release(w.objects[t]);
       w.tasks[t].advance();
       w.tasks[0].acquire(w.objects[t]);
     }},
    {"wait group",  // all add themselves to one object, one takes it all
     [](world& w, std::size_t i) {
       const std::size_t n = w.tasks.size();
       w.tasks[i % n].release_merge(w.objects[0]);
       w.tasks[i % n].advance();
       if (i % n == n - 1) w.tasks[0].acquire(w.objects[0]);
     }},
    {"central server",
     [](world& w, std::size_t) {
       const auto t = 1 + w.random(w.tasks.size() - 1);
       w.lock(t, t);
       w.lock(0, t);
       w.lock(t, t);
     }},
    {"one mutex, in turns", [](world& w, std::size_t i) { w.lock(i % w.tasks.size(), 0); }},
    {"one mutex, at random", [](world& w, std::size_t) { w.lock(w.random(w.tasks.size()), 0); }},
    {"random locks",
     [](world& w, std::size_t) { w.lock(w.random(w.tasks.size()), w.random(w.objects.size())); }},
};

void measure(const pattern& what, std::size_t n, double seconds) {
  world w(n);
  const std::size_t at_start = node_pool::bytes_in_use();
  std::size_t peak = at_start;
  std::size_t done = 0;
  const double begin = cpu_seconds();
  double spent = 0;
  while (spent < seconds && node_pool::bytes_in_use() < (std::size_t{3} << 30)) {
    for (int i = 0; i != 1024; ++i) what.step(w, done++);
    peak = std::max(peak, node_pool::bytes_in_use());
    spent = cpu_seconds() - begin;
  }
  const auto per_task = [n](std::size_t bytes) {
    return static_cast<double>(bytes) / static_cast<double>(n);
  };
  std::printf("%-22s %8zu %10.3f %12.0f %12.0f\n", what.name, n,
              spent * 1e6 / static_cast<double>(done), per_task(at_start) + sizeof(task_clock),
              per_task(peak) + sizeof(task_clock));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t n = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100000;
  const double seconds = argc > 2 ? std::strtod(argv[2], nullptr) : 2;
  std::printf("%-22s %8s %10s %12s %12s\n", "pattern", "tasks", "us/op", "B at start",
              "peak B/task");
  for (const pattern& what : patterns) measure(what, n, seconds);
}
