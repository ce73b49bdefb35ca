#include "primitives/object_pool.hpp"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "tests/primitives/on_backends.hpp"

namespace {

using gobench::object_pool;
using gobench::pooled;

static_assert(!std::is_copy_constructible_v<pooled<int>>);
static_assert(std::is_nothrow_move_constructible_v<pooled<int>>);

// Counts its living objects; can be neither copied nor moved.
struct counted_object {
  counted_object() { ++alive; }
  counted_object(const counted_object&) = delete;
  counted_object& operator=(const counted_object&) = delete;
  ~counted_object() { --alive; }
  long value = 0;
  static inline std::atomic<int> alive{0};
};

class object_pool_test : public on_backends {};
GOBENCH_ON_BACKENDS(object_pool_test);

TEST_P(object_pool_test, example) {
  run([] {
    object_pool<std::vector<char>> buffers(64);
    const char* first = nullptr;
    {
      auto buffer = buffers.get();
      buffer->assign(1000, 'x');
      first = buffer->data();
    }
    auto again = buffers.get();
    EXPECT_EQ(again->data(), first);  // as it was put back
    EXPECT_EQ(again->size(), 1000U);
  });
}

TEST_P(object_pool_test, what_was_put_last_is_got_first) {
  run([] {
    object_pool<int> pool;
    auto a = pool.get();
    auto b = pool.get();
    *a = 1;
    *b = 2;
    a.put();
    EXPECT_FALSE(a);
    a.put();
    b.put();
    EXPECT_EQ(pool.idle(), 2U);
    EXPECT_EQ(*pool.get(), 2);  // and put back
    EXPECT_EQ(*pool.get(), 2);
    const auto held = pool.get();
    EXPECT_EQ(*pool.get(), 1);
  });
}

TEST_P(object_pool_test, keeps_no_more_than_its_bound) {
  run([] {
    ASSERT_EQ(counted_object::alive, 0);
    {
      object_pool<counted_object> pool(2);
      EXPECT_EQ(pool.max_idle(), 2U);
      std::vector<pooled<counted_object>> out;
      for (int i = 0; i < 5; ++i) out.push_back(pool.get());
      EXPECT_EQ(counted_object::alive, 5);
      out.clear();
      EXPECT_EQ(counted_object::alive, 2);
      EXPECT_EQ(pool.idle(), 2U);
      pool.clear();
      EXPECT_EQ(counted_object::alive, 0);
      static_cast<void>(pool.get());
      EXPECT_EQ(pool.idle(), 1U);
    }
    EXPECT_EQ(counted_object::alive, 0);
    object_pool<counted_object> keeps_nothing(0);
    static_cast<void>(keeps_nothing.get());
    EXPECT_EQ(counted_object::alive, 0);
  });
}

TEST_P(object_pool_test, handles_may_outlive_their_pool) {
  run([] {
    pooled<counted_object> outlives;
    {
      object_pool<counted_object> pool;
      auto other = pool.get();
      outlives = pool.get();
      EXPECT_EQ(counted_object::alive, 2);
    }
    EXPECT_EQ(counted_object::alive, 1);
    outlives->value = 7;
    outlives = {};
    EXPECT_EQ(counted_object::alive, 0);
  });
}

TEST_P(object_pool_test, objects_leave_and_enter) {
  run([] {
    object_pool<counted_object> pool;
    std::unique_ptr<counted_object> mine = pool.get().release();
    EXPECT_EQ(pool.idle(), 0U);
    mine->value = 5;
    pool.put(std::move(mine));
    pool.put(nullptr);
    EXPECT_EQ(pool.idle(), 1U);
    pooled<counted_object> first = pool.get();
    pooled<counted_object> second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): tells that it is empty
    EXPECT_EQ(second->value, 5);
    second = pool.get();  // puts back what it had
    EXPECT_EQ(pool.idle(), 1U);
  });
}

TEST_P(object_pool_test, makes_objects_as_it_is_told) {
  run([] {
    int made = 0;
    object_pool<std::vector<int>> sized(4, [&] {
      ++made;
      return std::vector<int>(3);
    });
    EXPECT_EQ(sized.get()->size(), 3U);
    EXPECT_EQ(sized.get()->size(), 3U);
    EXPECT_EQ(made, 1);
    object_pool<counted_object> owned(4, [] { return std::make_unique<counted_object>(); });
    EXPECT_TRUE(owned.get());
    object_pool<int> fails(4, []() -> int { throw std::runtime_error("none to be had"); });
    EXPECT_THROW(static_cast<void>(fails.get()), std::runtime_error);
  });
}

// Nobody ever has an object that somebody else has, and the counts in them add up.
TEST_P(object_pool_test, an_object_has_one_owner) {
  run([] {
    constexpr int rounds = 300;
    object_pool<counted_object> pool;
    std::atomic<long> released{0};
    together({.tasks = 6, .threads = 2}, [&](int i) {
      for (int round = 0; round < rounds; ++round) {
        auto object = pool.get();
        const long before = object->value;
        if (round % 16 == 0) gobench::yield();
        object->value = before + 1;
        if ((round + i) % 10 == 0) released += object.release()->value;
      }
    });
    EXPECT_LE(pool.idle(), 8U);
    long kept = 0;
    while (pool.idle() != 0) kept += pool.get().release()->value;
    EXPECT_EQ(released + kept, 8 * rounds);
  });
  EXPECT_EQ(counted_object::alive, 0);
}

}  // namespace
