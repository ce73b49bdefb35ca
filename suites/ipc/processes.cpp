// Invariants
//  - Both processes are forked for the sample: what they change (signal masks, CPUs) and keep is gone with them, and
//    nothing runs in them besides. The one that asks measures; the other is its child.
//  - Neither outlives its parent (PR_SET_PDEATHSIG), nor longest_sample_s.
//  - What goes wrong in the child is written to memory that all three share; then it ends its parent, which might wait
//    for it in a way that has no end (a futex, a queue).
#include "suites/ipc/processes.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <vector>

#include "results/histogram.hpp"
#include "suites/child.hpp"
#include "suites/ipc/content.hpp"
#include "suites/lateness.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/stopwatch.hpp"
#include "suites/ticks.hpp"

namespace gobench::suites::ipc {

namespace {

constexpr unsigned longest_sample_s = 120;

// What both children write and the parent reads when they have ended.
struct notes {
  std::array<char, 256> failure{};
  int error = 0;
};

class shared_notes {
 public:
  shared_notes() {
    void* at =
        ::mmap(nullptr, sizeof(notes), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) refuse("mmap");
    notes_ = new (at) notes;
  }
  shared_notes(const shared_notes&) = delete;
  shared_notes& operator=(const shared_notes&) = delete;
  ~shared_notes() { ::munmap(notes_, sizeof(notes)); }

  void failed(const std::exception& why) noexcept {
    const auto* refused = dynamic_cast<const std::system_error*>(&why);
    notes_->error = refused != nullptr ? refused->code().value() : ECHILD;
    std::strncpy(notes_->failure.data(), why.what(), notes_->failure.size() - 1);
  }
  void rethrow() const {
    if (notes_->error == 0) return;
    // what() has the reason already; the category would say it again.
    struct told final : std::system_error {
      told(int error, const char* text)
          : system_error(error, std::generic_category()), text_(text) {}
      const char* what() const noexcept override { return text_.c_str(); }
      std::string text_;
    };
    throw told(notes_->error, notes_->failure.data());
  }

 private:
  notes* notes_;
};

struct report {
  double seconds = 0;
  double cpu_seconds = 0;
  double p50_us = 0;
  double p90_us = 0;
  double p99_us = 0;
  double p999_us = 0;
  double max_us = 0;
  std::uint64_t right = 0;  // answers as they should be
  int status = 0;           // of the other process
};

void end_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it was gone before
  ::alarm(longest_sample_s);
}

double cpu_of_children() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// What the other process does; true when every message was as it should be.
using answering = bool (*)(way&, std::span<std::byte>, std::uint64_t);

bool echo(way& on, std::span<std::byte> message, std::uint64_t n) {
  bool right = true;
  for (std::uint64_t i = 0; i < n; ++i) {
    on.receive(side::answers, message);
    right &= content::is(message, i);
    content::number(message, i + 1);
    on.send(side::answers, message);
  }
  return right;
}

bool take_all(way& on, std::span<std::byte> message, std::uint64_t n) {
  bool right = true;
  for (std::uint64_t i = 0; i < n; ++i) {
    on.receive(side::answers, message);
    right &= i == 0 || i + 1 == n ? content::is_wholly(message, i) : content::is(message, i);
  }
  content::number(message, n);
  on.send(side::answers, message);
  return right;
}

// What the measuring one does.
using asking = void (*)(way&, std::span<std::byte>, std::uint64_t, report&);

void ask(way& on, std::span<std::byte> message, std::uint64_t n, report& made) {
  const tick_source& source = ticking();
  results::histogram trips;
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < n; ++i) {
    content::number(message, i);
    const std::uint64_t start = ticks_now(source);
    on.send(side::asks, message);
    on.receive(side::asks, message);
    const std::uint64_t ticks = ticks_now(source) - start;
    trips.record(static_cast<std::uint64_t>(static_cast<double>(ticks) * source.ns_per_tick));
    const bool whole = i == 0 || i + 1 == n;
    made.right +=
        (whole ? content::is_wholly(message, i + 1) : content::is(message, i + 1)) ? 1 : 0;
  }
  watch.stop();
  const measurement taken = watch.taken(n);
  made.seconds = taken.seconds;
  made.cpu_seconds = taken.cpu_seconds;
  made.p50_us = trips.quantile(0.5) / 1000;
  made.p90_us = trips.quantile(0.9) / 1000;
  made.p99_us = trips.quantile(0.99) / 1000;
  made.p999_us = trips.quantile(0.999) / 1000;
  made.max_us = static_cast<double>(trips.max()) / 1000;
}

void send_all(way& on, std::span<std::byte> message, std::uint64_t n, report& made) {
  std::vector<std::byte> answer(message.size());
  stopwatch watch;
  watch.start();
  for (std::uint64_t i = 0; i < n; ++i) {
    content::number(message, i);
    on.send(side::asks, message);
  }
  on.receive(side::asks, answer);
  watch.stop();
  const measurement taken = watch.taken(n);
  made.seconds = taken.seconds;
  made.cpu_seconds = taken.cpu_seconds;
  made.right = content::is(answer, n) ? n : 0;
}

struct exchange {
  asking ask;
  answering answer;
};

[[noreturn]] void be_the_other(way& on, std::span<std::byte> message, std::uint64_t n, pid_t parent,
                               int ready, answering answer, shared_notes& told) {
  bool right = false;
  try {
    end_with(parent);
    on.begin(side::answers, parent);
    const char there = 1;
    if (::write(ready, &there, 1) != 1) refuse("write");
    right = answer(on, message, n);
  } catch (const std::exception& why) {
    told.failed(why);
    ::kill(parent, SIGKILL);
  }
  ::_exit(right ? 0 : 1);
}

// In the process that measures.
void measure(std::size_t bytes, int procs, std::uint64_t n, maker make, exchange what,
             shared_notes& told, report& made) {
  const limited_cpus cpus(procs);
  const std::unique_ptr<way> on = make(bytes);
  std::vector<std::byte> message(bytes);
  content::fill(message);
  std::array<int, 2> ready{};
  checked(::pipe(ready.data()), "pipe");
  const double before = cpu_of_children();
  const pid_t me = ::getpid();
  const pid_t child = checked(::fork(), "fork");
  if (child == 0) be_the_other(*on, message, n, me, ready[1], what.answer, told);
  on->begin(side::asks, child);
  char there = 0;
  while (::read(ready[0], &there, 1) < 0 && errno == EINTR) {
  }
  what.ask(*on, message, n, made);
  while (::waitpid(child, &made.status, 0) < 0 && errno == EINTR) {
  }
  made.cpu_seconds += cpu_of_children() - before;
}

report take(const point& where, std::uint64_t n, maker make, exchange what) {
  static_cast<void>(ticking());  // measured once, not in each process
  shared_notes told;
  report made;
  const pid_t me = ::getpid();
  const child_end end = in_a_child(std::as_writable_bytes(std::span(&made, 1)), [&] {
    end_with(me);
    try {
      measure(bytes_at(where), where.procs, n, make, what, told, made);
    } catch (const std::exception& why) {
      told.failed(why);
    }
  });
  told.rethrow();
  if (!end.reported) throw std::runtime_error("the process that measures has ended early");
  return made;
}

measurement proved(const report& from, std::uint64_t n, const char* what) {
  measurement taken;
  taken.seconds = from.seconds;
  taken.cpu_seconds = from.cpu_seconds;
  taken.operations = n;
  taken.result = proof::equal(what, from.right, n) &&
                 proof::that(WIFEXITED(from.status) && WEXITSTATUS(from.status) == 0,
                             "the other process has received a message that is not what was sent");
  return taken;
}

}  // namespace

measurement round_trips(const point& where, std::uint64_t iterations, maker make) {
  const report made = take(where, iterations, make, {ask, echo});
  measurement taken = proved(made, iterations, "the number of right answers");
  taken.metrics.set("p50_us", made.p50_us);
  taken.metrics.set("p90_us", made.p90_us);
  taken.metrics.set("p99_us", made.p99_us);
  taken.metrics.set("p999_us", made.p999_us);
  taken.metrics.set("max_us", made.max_us);
  return taken;
}

measurement stream(const point& where, std::uint64_t iterations, maker make) {
  const report made = take(where, iterations, make, {send_all, take_all});
  measurement taken = proved(made, iterations, "the number of messages that were acknowledged");
  add_rate(taken, bytes_at(where));
  return taken;
}

void add_rate(measurement& taken, std::size_t bytes) {
  constexpr double mib = 1 << 20;
  taken.metrics.set("mib_per_s", static_cast<double>(taken.operations) *
                                     static_cast<double>(bytes) / mib / taken.seconds);
}

}  // namespace gobench::suites::ipc
