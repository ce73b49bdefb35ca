#include "detector/clocks/node_pool.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <set>
#include <thread>
#include <vector>

namespace gobench::detector::testing {
namespace {

TEST(node_pool, gives_different_nodes_and_takes_them_back) {
  node_pool::thread_exit();
  const std::size_t before = node_pool::bytes_in_use();
  std::set<node_index> nodes;
  for (int i = 0; i != 100000; ++i) {
    const node_index n = node_pool::take();
    ASSERT_NE(n, 0U);
    ASSERT_TRUE(nodes.insert(n).second);
    ASSERT_TRUE(node_pool::is_sole(n));
    node_pool::at(n).word[15] = n;
  }
  EXPECT_GE(node_pool::bytes_in_use(), before + 100000 * node_pool::bytes_per_node);
  EXPECT_GE(node_pool::bytes_committed(), node_pool::bytes_in_use());
  for (const node_index n : nodes) {
    ASSERT_EQ(node_pool::at(n).word[15], n);
    ASSERT_TRUE(node_pool::drop(n));
    node_pool::give(n);
  }
  node_pool::thread_exit();
  EXPECT_EQ(node_pool::bytes_in_use(), before);
  const std::size_t committed = node_pool::bytes_committed();
  for (const node_index n : std::set<node_index>(nodes)) {
    static_cast<void>(n);
    nodes.erase(nodes.begin());
    nodes.insert(nodes.end(), node_pool::take());
  }
  EXPECT_EQ(node_pool::bytes_committed(), committed) << "given nodes are used again";
  for (const node_index n : nodes) node_pool::give(n);
}

TEST(node_pool, counts_references) {
  const node_index n = node_pool::take();
  node_pool::refer(n);
  EXPECT_FALSE(node_pool::is_sole(n));
  EXPECT_FALSE(node_pool::drop(n));
  EXPECT_TRUE(node_pool::is_sole(n));
  EXPECT_TRUE(node_pool::drop(n));
  node_pool::give(n);
}

TEST(node_pool, nodes_travel_between_threads) {
  node_pool::thread_exit();
  const std::size_t before = node_pool::bytes_in_use();
  // Each thread takes nodes, marks them, and gives back those that the thread before it left.
  constexpr std::size_t threads = 4;
  std::atomic<std::uint32_t> slots[64] = {};
  std::vector<std::thread> team;
  for (std::size_t t = 0; t != threads; ++t) {
    team.emplace_back([&slots, t] {
      for (std::size_t i = 0; i != 50000; ++i) {
        const node_index mine = node_pool::take();
        for (auto& word : node_pool::at(mine).word) word = mine;
        const node_index other = slots[(i * 7 + t * 13) % 64].exchange(mine);
        if (other == 0) continue;
        for (const auto word : node_pool::at(other).word) ASSERT_EQ(word, other);
        ASSERT_TRUE(node_pool::drop(other));
        node_pool::give(other);
      }
      node_pool::thread_exit();
    });
  }
  for (auto& one : team) one.join();
  for (auto& slot : slots)
    if (const node_index n = slot.exchange(0)) node_pool::give(n);
  node_pool::thread_exit();
  EXPECT_EQ(node_pool::bytes_in_use(), before);
}

TEST(node_pool, works_in_a_child_forked_while_others_use_it) {
  std::atomic<bool> stop{false};
  std::thread busy([&stop] {
    while (!stop.load()) {
      node_index nodes[200];
      for (auto& n : nodes) n = node_pool::take();
      for (const auto n : nodes) node_pool::give(n);
      node_pool::thread_exit();
    }
  });
  for (int i = 0; i != 20; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::set<node_index>* const seen = new std::set<node_index>;
      for (int k = 0; k != 1000; ++k)
        if (!seen->insert(node_pool::take()).second) ::_exit(1);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  stop.store(true);
  busy.join();
}

}  // namespace
}  // namespace gobench::detector::testing
