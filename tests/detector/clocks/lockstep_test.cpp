// Clocks against plain vector clocks, over programs of all patterns.
#include "tests/detector/clocks/lockstep.hpp"
#include "detector/clocks/era.hpp"
#include "tests/detector/clocks/patterns.hpp"

namespace gobench::detector::testing {
namespace {

struct setting {
  pattern what;
  bool sparse;
};

std::string name_of(const ::testing::TestParamInfo<setting>& test) {
  const char* const names[] = {
      "private_pairs", "ring",       "fan_in", "central_server", "parked_partners", "one_mutex",
      "random_locks",  "everything", "tree"};
  return std::string(names[static_cast<int>(test.param.what)]) +
         (test.param.sparse ? "_sparse" : "_dense");
}

std::vector<setting> settings() {
  std::vector<setting> all;
  for (const pattern what : all_patterns)
    for (const bool sparse : {false, true}) all.push_back({what, sparse});
  return all;
}

class clocks_in_lockstep : public ::testing::TestWithParam<setting> {};

TEST_P(clocks_in_lockstep, know_what_vector_clocks_know) {
  const auto [what, sparse] = GetParam();
  era::start_over();
  node_pool::thread_exit();
  const std::size_t before = node_pool::bytes_in_use();
  for (const std::size_t tasks : {1U, 2U, 3U, 7U, 16U, 40U, 120U, 300U}) {
    for (std::uint64_t seed = 1; seed != 4; ++seed) {
      SCOPED_TRACE(std::to_string(tasks) + " tasks, seed " + std::to_string(seed));
      random_numbers random(seed * 1000 + tasks);
      {
        lockstep model(sparse ? sparse_ids(tasks, random) : dense_ids(tasks), tasks);
        run_pattern(what, model, random, tasks < 50 ? 10000 : 3000);
      }
      node_pool::thread_exit();
      ASSERT_EQ(node_pool::bytes_in_use(), before) << "nodes were not given back";
    }
  }
}

INSTANTIATE_TEST_SUITE_P(all, clocks_in_lockstep, ::testing::ValuesIn(settings()), name_of);

}  // namespace
}  // namespace gobench::detector::testing
