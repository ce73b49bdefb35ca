// boost::asio::thread_pool for the suite worker-pool. Its queue has no bound.
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <latch>
#include <thread>

#include "suites/jobs.hpp"
#include "suites/limited_cpus.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

measurement by_pool(const point& where, std::uint64_t iterations, job_kind kind) {
  const limited_cpus cpus(where.procs);
  boost::asio::thread_pool pool(static_cast<std::size_t>(where.number("workers")));
  auto taken = job_batches(where, iterations, kind, [&pool](jobs& all) {
    std::latch ended(all.count());
    for (int i = 0; i < all.count(); ++i) {
      boost::asio::post(pool, [&, i] {
        all.run(i, [](std::chrono::nanoseconds d) { std::this_thread::sleep_for(d); });
        ended.count_down();
      });
    }
    ended.wait();
  });
  pool.join();
  return taken;
}

const more_variants in_worker_pool{"worker-pool",
                                   both_kinds("boost.thread_pool", by_pool, {"workers", "job_ns"},
                                              {results::vehicle::thread}, "boost")};

}  // namespace

}  // namespace gobench::suites
