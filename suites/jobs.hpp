// What the suite worker-pool does: batches of jobs that say that they have run (suites/worker_pool.cpp).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "suites/batches.hpp"
#include "suites/busy.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

enum class job_kind : std::uint8_t { compute, wait };

// The jobs of a batch, where.tasks of them, each of which computes or waits for job_ns.
class jobs {
 public:
  jobs(const point& where, job_kind kind)
      : ran_(where),
        count_(where.tasks),
        waits_(kind == job_kind::wait),
        span_(where.number("job_ns")),
        compute_(where.number("job_ns")) {}

  int count() const noexcept { return count_; }

  // Does one of them; sleep(duration) is how the tasks in question wait.
  template <class Sleep>
  void run(int job, Sleep sleep) {
    ++ran_.of(job);
    if (waits_) {
      sleep(span_);
    } else {
      compute_();
    }
  }
  proof proved(std::uint64_t batches) const { return ran_.proved(batches); }

 private:
  attendance ran_;
  int count_;
  bool waits_;
  std::chrono::nanoseconds span_;
  busy_work compute_;
};

// one_batch(all) has each job run once and returns when all have. Measured are these calls and nothing else.
template <class Batch>
measurement job_batches(const point& where, std::uint64_t iterations, job_kind kind,
                        Batch one_batch) {
  jobs all(where, kind);
  const std::uint64_t batches = batches_in(where, iterations);
  stopwatch watch;
  watch.start();
  for (std::uint64_t n = 0; n < batches; ++n) one_batch(all);
  watch.stop();
  measurement taken = watch.taken(batches * static_cast<std::uint64_t>(where.tasks));
  taken.result = all.proved(batches);
  return taken;
}

// Both cases of an implementation; `run` is given what its jobs do.
using job_operation = measurement (*)(const point&, std::uint64_t, job_kind);

inline std::vector<variant> both_kinds(const std::string& impl, job_operation run,
                                       const std::vector<std::string>& parameters,
                                       const std::vector<results::vehicle>& vehicles,
                                       const std::string& peer = {}) {
  std::vector<variant> made;
  for (const job_kind kind : {job_kind::compute, job_kind::wait}) {
    variant one;
    one.case_name = kind == job_kind::wait ? "wait" : "compute";
    one.impl = impl;
    one.run = [run, kind](const point& where, std::uint64_t n) { return run(where, n, kind); };
    one.parameters = parameters;
    one.vehicles = vehicles;
    one.peer = peer;
    // Jobs that wait for no time are those that compute for none.
    if (kind == job_kind::wait)
      one.applies = [](const point& at) { return at.number("job_ns") > 0; };
    made.push_back(std::move(one));
  }
  return made;
}

}  // namespace gobench::suites
