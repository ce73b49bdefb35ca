// oneTBB's parallel_pipeline for the suite pipeline: a chain of filters that each take numbers in order, one at a
// time, as a task of a channel's chain does; no more than capacity + stages of them are under way at once.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_pipeline.h>
#include <oneapi/tbb/task_arena.h>

#include <cstddef>

#include "suites/lines.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

measurement by_pipeline(const point& where, std::uint64_t iterations) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  static_cast<std::size_t>(where.procs));
  tbb::task_arena procs(where.procs);
  const busy_work work(where.number("work_ns"));
  const auto under_way =
      static_cast<std::size_t>(where.tasks) + static_cast<std::size_t>(where.number("capacity"));
  constexpr auto in_order = tbb::filter_mode::serial_in_order;
  std::uint64_t sent = 0;
  std::uint64_t count = 0;
  std::uint64_t sum = 0;
  tbb::filter<void, std::uint64_t> stages =
      tbb::make_filter<void, std::uint64_t>(in_order, [&](tbb::flow_control& flow) {
        if (sent == iterations) {
          flow.stop();
          return std::uint64_t{0};
        }
        return ++sent;
      });
  for (int i = 0; i < where.tasks; ++i) {
    stages = stages &
             tbb::make_filter<std::uint64_t, std::uint64_t>(in_order, [work](std::uint64_t number) {
               work();
               return number + 1;
             });
  }
  const auto whole =
      stages & tbb::make_filter<std::uint64_t, void>(in_order, [&](std::uint64_t number) {
        sum += number;
        ++count;
      });
  stopwatch watch;
  procs.execute([&] {
    watch.start();
    tbb::parallel_pipeline(under_way, whole);
    watch.stop();
  });
  measurement taken = watch.taken(iterations);
  taken.result =
      proof::equal("the number of numbers received", count, iterations) &&
      proof::equal("the sum at the end", sum, all_in_line(line_shape::chain, where, iterations));
  return taken;
}

const more_variants in_pipeline{"pipeline",
                                {{.case_name = "chain",
                                  .impl = "tbb.parallel_pipeline",
                                  .run = by_pipeline,
                                  .parameters = {"capacity", "work_ns"},
                                  .vehicles = {results::vehicle::thread},
                                  .peer = "tbb"}}};

}  // namespace

}  // namespace gobench::suites
