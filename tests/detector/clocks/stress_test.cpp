// Several OS threads, each with tasks of its own, over objects that all share; each task and object has a plain vector
// clock beside it.
#include "detector/clocks/era.hpp"
#include "tests/detector/clocks/lockstep.hpp"

#include <mutex>
#include <thread>

namespace gobench::detector::testing {
namespace {

constexpr std::size_t threads = 4;
constexpr std::size_t tasks_per_thread = 8;
constexpr std::size_t all_tasks = threads * tasks_per_thread;
using values = std::vector<clock_value>;

struct shared_object {
  std::mutex lock;
  object_clock real;
  values dense = values(all_tasks, 0);
};

struct crowd {
  std::vector<task_id> ids;
  bool exact;
  std::vector<shared_object> objects = std::vector<shared_object>(20);
};

struct member {
  task_clock real;
  values dense = values(all_tasks, 0);
};

void join(values& into, const values& from) {
  for (std::size_t i = 0; i != into.size(); ++i) into[i] = std::max(into[i], from[i]);
}

void work(crowd& all, std::size_t thread) {
  random_numbers random(thread + 1);
  std::vector<member> mine(tasks_per_thread);
  const std::size_t first = thread * tasks_per_thread;
  for (std::size_t i = 0; i != tasks_per_thread; ++i) mine[i].real.begin(all.ids[first + i], 1);
  for (std::size_t step = 0; step != 10000 && !::testing::Test::HasFailure(); ++step) {
    const std::size_t t = random.below(tasks_per_thread);
    auto& [real, dense] = mine[t];
    dense[first + t] = real.now();
    auto& object = all.objects[random.below(all.objects.size())];
    const std::size_t what = random.below(8);
    {
      const std::lock_guard held(object.lock);
      if (what < 5) {
        real.acquire(object.real);
        join(dense, object.dense);
        dense[first + t] = real.now();
      }
      if (what > 2 && what < 6) {
        real.release(object.real);
        dense[first + t] = real.now();
        object.dense = dense;
      } else if (what == 6) {
        real.release_merge(object.real);
        dense[first + t] = real.now();
        join(object.dense, dense);
      } else if (random.below(50) == 0) {
        object.real.clear();
        std::fill(object.dense.begin(), object.dense.end(), 0);
      }
      for (std::size_t i = 0; i != all_tasks; ++i) {
        const clock_value of_object = object.real.known(all.ids[i]);
        ASSERT_TRUE(all.exact ? of_object == object.dense[i] : of_object >= object.dense[i])
            << of_object;
      }
    }
    real.advance();
    dense[first + t] = real.now();
    for (std::size_t i = 0; i != all_tasks; ++i) {
      const clock_value known = real.known(all.ids[i]);
      ASSERT_TRUE(all.exact ? known == dense[i] : known >= dense[i])
          << known << " and " << dense[i];
    }
  }
  for (auto& one : mine) one.real.reset();
  node_pool::thread_exit();
}

void run(bool exact) {
  era::start_over();
  node_pool::thread_exit();
  const std::size_t before = node_pool::bytes_in_use();
  random_numbers random(7);
  crowd all{exact ? dense_ids(all_tasks) : sparse_ids(all_tasks, random), exact};
  std::vector<std::thread> team;
  for (std::size_t t = 0; t != threads; ++t) team.emplace_back([&all, t] { work(all, t); });
  for (auto& one : team) one.join();
  for (auto& one : all.objects) one.real.clear();
  node_pool::thread_exit();
  EXPECT_EQ(node_pool::bytes_in_use(), before);
}

TEST(clocks_under_stress, know_what_vector_clocks_know) { run(true); }

TEST(clocks_under_stress, never_know_less_at_the_limit) {
  node_pool::set_limit(64 * 1024);
  const std::size_t before = node_pool::reductions();
  run(false);
  EXPECT_GT(node_pool::reductions(), before);
  node_pool::set_limit(0);
  era::start_over();
}

}  // namespace
}  // namespace gobench::detector::testing
