// Tasks of oneTBB, which run to their end on a pool of threads and cannot wait for each other.
//
// tbb.task_group: in spawn a group is a batch. In skynet each node is a group of its ten children, which add
// up what they have found without a channel; the waiting node runs other tasks meanwhile. The pool is limited to
// the point's processors, of which the calling thread is one.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "suites/batches.hpp"
#include "suites/registry.hpp"
#include "suites/trees.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

// A carrier as far as suites/crowd.hpp needs one for a main task (suites/carrier.hpp).
struct arena {
  template <class Main>
  static void run(const point& where, Main main) {
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                    static_cast<std::size_t>(where.procs));
    tbb::task_arena procs(where.procs);
    procs.execute(main);
  }
};

measurement by_group(const point& where, std::uint64_t iterations) {
  return batches_in_a_run<arena>(where, iterations, [&](attendance& list) {
    tbb::task_group batch;
    for (int i = 0; i < where.tasks; ++i) batch.run([at = &list.of(i)] { ++*at; });
    batch.wait();
  });
}

std::uint64_t node(std::uint64_t first, std::uint64_t size) {
  if (size == 1) return first;
  std::array<std::uint64_t, 10> found{};
  const std::uint64_t part = size / found.size();
  tbb::task_group children;
  for (std::size_t i = 0; i < found.size(); ++i) {
    children.run([&found, i, first, part] { found[i] = node(first + i * part, part); });
  }
  children.wait();
  std::uint64_t sum = 0;
  for (const std::uint64_t one : found) sum += one;
  return sum;
}

measurement by_tree(const point& where, std::uint64_t iterations) {
  return trees<arena>(where, iterations, [](std::uint64_t leaves) { return node(0, leaves); });
}

const more_variants in_spawn{"spawn",
                             {{.case_name = "spawn",
                               .impl = "tbb.task_group",
                               .run = by_group,
                               .vehicles = {vehicle::thread},
                               .peer = "tbb"}}};
const more_variants in_skynet{"skynet",
                              {{.case_name = "tree",
                                .impl = "tbb.task_group",
                                .run = by_tree,
                                .parameters = {"leaves"},
                                .vehicles = {vehicle::thread},
                                .applies = is_a_tree,
                                .peer = "tbb"}}};

}  // namespace

}  // namespace gobench::suites
