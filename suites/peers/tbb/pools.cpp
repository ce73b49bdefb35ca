// A pool of oneTBB's threads for the suite worker-pool: a task_group whose tasks run on so many threads as there are
// workers, one of which is the calling one while it waits. Its queues have no bound.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <cstddef>
#include <thread>

#include "suites/jobs.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

measurement by_group(const point& where, std::uint64_t iterations, job_kind kind) {
  const limited_cpus cpus(where.procs);
  const auto workers = where.number("workers");
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(workers));
  tbb::task_arena pool(static_cast<int>(workers));
  measurement taken;
  pool.execute([&] {
    taken = job_batches(where, iterations, kind, [](jobs& all) {
      tbb::task_group batch;
      for (int i = 0; i < all.count(); ++i) {
        batch.run([&all, i] {
          all.run(i, [](std::chrono::nanoseconds d) { std::this_thread::sleep_for(d); });
        });
      }
      batch.wait();
    });
  });
  return taken;
}

const more_variants in_worker_pool{"worker-pool",
                                   both_kinds("tbb.task_group", by_group, {"workers", "job_ns"},
                                              {results::vehicle::thread}, "tbb")};

}  // namespace

}  // namespace gobench::suites
