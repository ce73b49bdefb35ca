// What the suite skynet does: trees of tasks that sum up the numbers of their leaves (suites/skynet.cpp).
#pragma once

#include <cstdint>

#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

// 0 + 1 + ... + (leaves - 1), as often as there were trees.
inline std::uint64_t sum_of_trees(const point& where, std::uint64_t trees) {
  const auto leaves = static_cast<std::uint64_t>(where.number("leaves"));
  return trees * (leaves * (leaves - 1) / 2);
}

// one_tree(leaves) builds a tree and returns its sum.
template <class Carrier = our_tasks, class Tree>
measurement trees(const point& where, std::uint64_t iterations, Tree one_tree) {
  const auto leaves = static_cast<std::uint64_t>(where.number("leaves"));
  std::uint64_t sum = 0;
  auto taken = measure_main<Carrier>(where, iterations, [&] {
    for (std::uint64_t i = 0; i < iterations; ++i) sum += one_tree(leaves);
  });
  taken.result = proof::equal("the sum of the numbers", sum, sum_of_trees(where, iterations));
  return taken;
}

// A power of ten. --tasks has no meaning here: the tree decides.
inline bool is_a_tree(const point& at) {
  std::int64_t leaves = at.number("leaves");
  while (leaves % 10 == 0) leaves /= 10;
  return at.tasks == 1 && leaves == 1;
}

}  // namespace gobench::suites
