// How long does a thread of high priority wait for a lock that one of low priority holds, while others compute? (R5)
//
// Threads with the policy SCHED_FIFO on one CPU: one of low priority, `tasks` of middle priority, one of high priority. An
// operation is one round:
//   the low one locks, wakes the high one, which wants the lock as well, then the middle ones, and computes with the lock
//   until it has had hold_us of CPU time; each middle one computes for burst_ms and touches no lock.
// p50_us to max_us are how long the high one waited, from being woken to having had the lock: hold_us at least. If the lock
// does not lend the waiter's priority to its holder, the middle ones keep the low one from its CPU, and the high one waits
// for all of them: its priority is inverted. ns_per_op, a whole round, says nothing. Implementations:
//   std.mutex               a default mutex: no inheritance
//   posix.mutex_inherit     PTHREAD_PRIO_INHERIT: the holder has the priority of the highest that waits
//   posix.mutex_protect     PTHREAD_PRIO_PROTECT: the holder has the priority of the highest that may ever wait
//   gobench.mutex           ours, which has no inheritance
//
// Needs the permission for real-time priority (root, CAP_SYS_NICE or `ulimit -r` of 3 or more); where the kernel refuses, the
// run ends and says so: without it there is nothing to be inverted. Linux lets such threads have 95 % of a second; a pause after
// each round keeps them below that.
#include "suites/priority_inversion.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <time.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <functional>
#include <gobench.hpp>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "results/statistics.hpp"
#include "suites/busy.hpp"
#include "suites/lateness.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/registry.hpp"
#include "suites/stopwatch.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

enum priority : int { low = 1, middle = 2, high = 3 };

constexpr std::chrono::milliseconds pause_between{1};

// A POSIX semaphore, which a thread of any priority may post without waiting.
class bell {
 public:
  bell() { ::sem_init(&rung_, 0, 0); }
  bell(const bell&) = delete;
  bell& operator=(const bell&) = delete;
  ~bell() { ::sem_destroy(&rung_); }
  void ring() { ::sem_post(&rung_); }
  void await() {
    while (::sem_wait(&rung_) != 0) {  // EINTR
    }
  }

 private:
  sem_t rung_{};
};

// A thread that has a real-time priority from its first instruction, on the CPUs of who starts it.
class real_time_thread {
 public:
  // Throws std::system_error, EPERM where the kernel does not permit it.
  real_time_thread(priority at, std::function<void()> work)
      : body_(std::make_unique<std::function<void()>>(std::move(work))) {
    pthread_attr_t how;
    ::pthread_attr_init(&how);
    sched_param chosen{};
    chosen.sched_priority = at;
    ::pthread_attr_setinheritsched(&how, PTHREAD_EXPLICIT_SCHED);
    ::pthread_attr_setschedpolicy(&how, SCHED_FIFO);
    ::pthread_attr_setschedparam(&how, &chosen);
    const auto run = [](void* body) -> void* {
      (*static_cast<std::function<void()>*>(body))();
      return nullptr;
    };
    const int refused = ::pthread_create(&thread_, &how, run, body_.get());
    ::pthread_attr_destroy(&how);
    if (refused == 0) return;
    throw std::system_error(refused, std::generic_category(),
                            refused == EPERM
                                ? "the kernel refuses a thread with real-time priority "
                                  "(SCHED_FIFO), which takes root, CAP_SYS_NICE or `ulimit -r 3`"

                                : "pthread_create");
  }
  real_time_thread(real_time_thread&& from) noexcept
      : thread_(from.thread_), body_(std::move(from.body_)) {}
  real_time_thread& operator=(real_time_thread&&) = delete;
  ~real_time_thread() {
    if (body_ != nullptr) ::pthread_join(thread_, nullptr);
  }

 private:
  pthread_t thread_{};
  std::unique_ptr<std::function<void()>> body_;
};

template <int Protocol>
class posix_mutex {
 public:
  posix_mutex() {
    pthread_mutexattr_t how;
    ::pthread_mutexattr_init(&how);
    int refused = ::pthread_mutexattr_setprotocol(&how, Protocol);
    if (refused == 0 && Protocol == PTHREAD_PRIO_PROTECT)
      refused = ::pthread_mutexattr_setprioceiling(&how, high);
    if (refused == 0) refused = ::pthread_mutex_init(&mutex_, &how);
    ::pthread_mutexattr_destroy(&how);
    if (refused != 0)
      throw std::system_error(refused, std::generic_category(), "a mutex with this protocol");
  }
  posix_mutex(const posix_mutex&) = delete;
  posix_mutex& operator=(const posix_mutex&) = delete;
  ~posix_mutex() { ::pthread_mutex_destroy(&mutex_); }
  void lock() {
    if (const int refused = ::pthread_mutex_lock(&mutex_); refused != 0)
      throw std::system_error(refused, std::generic_category(), "pthread_mutex_lock");
  }
  void unlock() { ::pthread_mutex_unlock(&mutex_); }

 private:
  pthread_mutex_t mutex_;
};

std::int64_t own_cpu_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<std::int64_t>(used.tv_sec) * 1'000'000'000 + used.tv_nsec;
}

// What the threads of a sample share.
template <class Mutex>
struct scene {
  Mutex lock;
  std::uint64_t entered = 0;  // under the lock
  bell begun;                 // the low one's
  bell high_wanted;
  bell high_done;
  std::uint64_t rung_ns = 0;  // when high_wanted was rung, by who rang it
  std::vector<std::unique_ptr<bell>> middle_wanted;
  bell middle_done;
  bell ready;                // rung by all others once they wait for theirs
  bool called_off = false;   // written before the bells are rung
  results::histogram waits;  // the high one's
  std::vector<std::uint64_t> bursts;

  explicit scene(std::size_t tasks) : bursts(tasks, 0) {
    for (std::size_t i = 0; i < tasks; ++i) middle_wanted.push_back(std::make_unique<bell>());
  }

  // Nothing was begun: whoever waits goes home.
  void call_off() {
    called_off = true;
    begun.ring();
    high_wanted.ring();
    for (const auto& one : middle_wanted) one->ring();
  }

  void be_high(std::uint64_t rounds) {
    ready.ring();
    for (std::uint64_t i = 0; i < rounds; ++i) {
      high_wanted.await();
      if (called_off) return;
      lock.lock();
      ++entered;
      lock.unlock();
      waits.record(internal::steady_ns() - rung_ns);
      high_done.ring();
    }
  }

  void be_middle(std::size_t which, std::uint64_t rounds, const busy_work& burst) {
    ready.ring();
    for (std::uint64_t i = 0; i < rounds; ++i) {
      middle_wanted[which]->await();
      if (called_off) return;
      burst();
      ++bursts[which];
      middle_done.ring();
    }
  }

  void be_low(std::uint64_t rounds, std::int64_t hold_ns) {
    begun.await();
    if (called_off) return;
    for (std::uint64_t i = 0; i < rounds; ++i) {
      lock.lock();
      ++entered;
      const std::int64_t until = own_cpu_ns() + hold_ns;
      rung_ns = internal::steady_ns();
      high_wanted.ring();
      for (const auto& one : middle_wanted) one->ring();
      while (own_cpu_ns() < until) {
      }
      lock.unlock();
      high_done.await();
      for (std::size_t n = 0; n < middle_wanted.size(); ++n) middle_done.await();
      std::this_thread::sleep_for(pause_between);
    }
  }
};

template <class Mutex>
measurement run(const point& where, std::uint64_t iterations) {
  const limited_cpus one_cpu(1);
  const auto tasks = static_cast<std::size_t>(where.tasks);
  const busy_work burst(where.number("burst_ms") * 1'000'000);
  const std::int64_t hold_ns = where.number("hold_us") * 1000;
  scene<Mutex> all(tasks);
  stopwatch watch;
  {
    std::vector<real_time_thread> threads;
    threads.reserve(tasks + 2);
    try {
      threads.emplace_back(low, [&] { all.be_low(iterations, hold_ns); });
      for (std::size_t i = 0; i < tasks; ++i)
        threads.emplace_back(middle, [&, i] { all.be_middle(i, iterations, burst); });
      threads.emplace_back(high, [&] { all.be_high(iterations); });
    } catch (const std::exception&) {
      all.call_off();
      throw;
    }
    for (std::size_t i = 0; i < tasks + 1; ++i) all.ready.await();
    watch.start();
    all.begun.ring();
  }
  watch.stop();
  measurement taken = watch.taken(iterations);
  add_lateness(taken.metrics, all.waits);
  taken.result =
      proof::equal("the number of times that the lock was held", all.entered, 2 * iterations);
  for (const std::uint64_t done : all.bursts) {
    taken.result = taken.result && proof::equal("the bursts of a middle thread", done, iterations);
  }
  return taken;
}

// "105 us (104 to 130)": the median of the samples' medians.
std::string wait_text(std::span<const results::sample> samples, std::string_view impl) {
  std::vector<double> found;
  for (const results::sample& one : samples) {
    const results::value* p50 = one.metrics.find("p50_us");
    if (one.impl == impl && p50 != nullptr) found.push_back(std::get<double>(*p50));
  }
  if (found.size() < 3) return "";
  const results::interval range = results::median_interval(found);
  return fmt::format("{:.4g} us ({:.4g} to {:.4g})", results::median(found), range.low, range.high);
}

// Only of samples that are alike: with one value of each parameter and one number of tasks.
std::string answer(std::span<const results::sample> samples) {
  for (const results::sample& one : samples) {
    if (one.tasks != samples.front().tasks || !(one.parameters == samples.front().parameters))
      return "";
  }
  const std::string plain = wait_text(samples, "std.mutex");
  const std::string inherits = wait_text(samples, "posix.mutex_inherit");
  if (plain.empty() || inherits.empty()) return "";
  return fmt::format(
      "The thread of high priority waits {} for a mutex without priority inheritance and {} for "
      "one with it (median "
      "and range of the samples).",
      plain, inherits);
}

template <class Mutex>
variant of(const char* impl) {
  return {.case_name = "inversion",
          .impl = impl,
          .run = run<Mutex>,
          .parameters = {"hold_us", "burst_ms"},
          .vehicles = {vehicle::thread},
          .applies = [](const point& at) { return at.procs == 1; }};
}

results::value number(std::int64_t n) { return n; }

const registration registered{suite{
    .name = "priority-inversion",
    .about =
        "How long does a high priority wait for a lock that a low one holds? Inheritance or not",
    .claims = {"R5"},
    .procs = {1},
    .parameters = {{.name = "hold_us",
                    .about = "CPU time with the lock, of the thread of low priority, in us",
                    .usual = {number(100)},
                    .quick = {number(100)},
                    .least = 1,
                    .most = 10'000},
                   {.name = "burst_ms",
                    .about = "how long each thread of middle priority computes, in ms",
                    .usual = {number(5)},
                    .quick = {number(5)},
                    .least = 1,
                    .most = 100}},
    .metrics = lateness_metrics,
    .shown = {"p50_us", "p99_us", "max_us"},
    .repetitions = 5,
    .min_seconds = 0.3,
    .quick_min_seconds = 0.06,
    .round_seconds = 0.007,
    .variants = {of<std::mutex>("std.mutex"),
                 of<posix_mutex<PTHREAD_PRIO_INHERIT>>("posix.mutex_inherit"),
                 of<posix_mutex<PTHREAD_PRIO_PROTECT>>("posix.mutex_protect"),
                 of<gobench::mutex>("gobench.mutex")},
    .answer = answer}};

}  // namespace

bool real_time_permitted() {
  try {
    const real_time_thread tried(high, [] {});
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace gobench::suites
