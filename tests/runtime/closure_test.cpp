// runtime::closure by itself; through go() in task_test.cpp.
#include "runtime/closure.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

namespace {

using gobench::runtime::closure;

struct counted {
  int* alive;
  explicit counted(int& n) : alive(&n) { ++*alive; }
  counted(const counted& other) : alive(other.alive) { ++*alive; }
  counted(counted&& other) noexcept : alive(other.alive) { ++*alive; }
  counted& operator=(const counted&) = delete;
  counted& operator=(counted&&) = delete;
  ~counted() { --*alive; }
};

template <std::size_t Bytes>
void runs_and_ends_a_function_of() {
  int alive = 0;
  int sum = 0;
  {
    std::array<unsigned char, Bytes> payload{};
    payload.back() = 3;
    auto function = [guard = counted(alive), payload, &sum] {
      static_cast<void>(guard);
      sum += payload.back();
    };
    closure work;
    work.emplace(function);
    EXPECT_EQ(alive, 2);
    work.run();
    EXPECT_EQ(sum, 3);
    EXPECT_EQ(alive, 1);
    work.drop();  // nothing is left
    EXPECT_EQ(alive, 1);
    work.emplace(std::move(function));
    EXPECT_EQ(alive, 2);
    work.drop();
    EXPECT_EQ(alive, 1);
    work.drop();
  }
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(sum, 3);
}

TEST(closure, keeps_small_and_large_functions) {
  runs_and_ends_a_function_of<1>();
  runs_and_ends_a_function_of<closure::inline_bytes - 16>();  // fits exactly
  runs_and_ends_a_function_of<closure::inline_bytes>();
  runs_and_ends_a_function_of<10'000>();
}

TEST(closure, keeps_the_alignment) {
  struct alignas(256) wide {
    unsigned char bytes[256] = {};
  };
  closure work;
  std::uintptr_t at = 0;
  work.emplace([w = wide(), &at] { at = reinterpret_cast<std::uintptr_t>(&w); });
  work.run();
  EXPECT_NE(at, 0U);
  EXPECT_EQ(at % 256, 0U);
}

TEST(closure, moves_what_cannot_be_copied) {
  closure work;
  int seen = 0;
  work.emplace([p = std::make_unique<int>(8), &seen] { seen = *p; });
  work.run();
  EXPECT_EQ(seen, 8);
}

TEST(closure, ends_a_function_that_throws) {
  int alive = 0;
  closure work;
  work.emplace([guard = counted(alive)] {
    static_cast<void>(guard);
    throw std::runtime_error("from the function");
  });
  EXPECT_THROW(work.run(), std::runtime_error);
  EXPECT_EQ(alive, 0);
  work.drop();
  EXPECT_EQ(alive, 0);
}

template <std::size_t Bytes>
struct throws_when_copied {
  unsigned char payload[Bytes] = {};
  throws_when_copied() = default;
  throws_when_copied(const throws_when_copied& other) {
    static_cast<void>(other);
    throw std::runtime_error("from the copy");
  }
  throws_when_copied& operator=(const throws_when_copied&) = delete;
  ~throws_when_copied() = default;
  void operator()() const {}
};

template <std::size_t Bytes>
void stays_empty_after_a_failure_with() {
  const throws_when_copied<Bytes> function;
  closure work;
  EXPECT_THROW(work.emplace(function), std::runtime_error);
  work.drop();
  int ran = 0;
  work.emplace([&ran] { ++ran; });
  work.run();
  EXPECT_EQ(ran, 1);
}

TEST(closure, is_empty_after_a_function_that_could_not_be_made) {
  stays_empty_after_a_failure_with<1>();
  stays_empty_after_a_failure_with<1000>();
}

TEST(closure, drops_what_a_function_returns) {
  closure work;
  work.emplace([] { return std::make_unique<int>(1); });
  work.run();
}

}  // namespace
