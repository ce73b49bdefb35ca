#include "suites/mutex_vs_chan/workloads.hpp"

#include <fmt/format.h>

namespace gobench::suites::mutex_vs_chan {

proof shared_map::proved(std::span<const user> users, const point& where,
                         std::uint64_t operations) const {
  std::vector<std::uint64_t> expected(keys, 0);
  std::uint64_t done = 0;
  std::uint64_t lost = 0;
  for (std::size_t task = 0; task < users.size(); ++task) {
    user again(where, static_cast<int>(task));
    for (std::uint64_t i = 0; i < users[task].done(); ++i) {
      const wish wanted = again.next();
      if (!wanted.read) ++expected[wanted.key];
    }
    done += users[task].done();
    lost += users[task].lost();
  }
  proof all = proof::equal("the number of operations", done, operations) &&
              proof::equal("the number of reads that found nothing", lost, 0) &&
              proof::equal("the number of keys", counters_.size(), keys);
  for (std::uint64_t key = 0; all.holds() && key < keys; ++key) {
    all = proof::equal(fmt::format("the counter of key {}", key), read({key, true}), expected[key]);
  }
  return all;
}

}  // namespace gobench::suites::mutex_vs_chan
