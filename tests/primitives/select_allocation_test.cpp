// Select, sending and receiving take no memory, and an unbounded channel gives it back.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <gobench.hpp>
#include <new>

// Under a sanitizer the allocation functions are its own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::atomic<long> allocations{0};
std::atomic<long> blocks{0};

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  ++blocks;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void deallocate(void* memory) noexcept {
  if (memory != nullptr) --blocks;
  std::free(memory);
}
}  // namespace

void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { deallocate(memory); }
void operator delete(void* memory, std::size_t) noexcept { deallocate(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { deallocate(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { deallocate(memory); }

namespace {

using namespace std::chrono_literals;
using gobench::chan;
using gobench::make_chan;
using gobench::on_recv;
using gobench::on_send;
using gobench::select;

// On a thread of its own: no task of a run allocates beside it.
template <class F>
long allocated_by(F f) {
  const long before = allocations;
  f();
  return allocations - before;
}

TEST(channels_and_memory, operations_allocate_nothing) {
  auto ch = make_chan<int>(1);
  auto never = make_chan<int>();
  static_cast<void>(never.recv_for(1us));  // this thread's waiter is made now
  EXPECT_EQ(allocated_by([&] {
              ch.send(1);
              ch.recv();
              static_cast<void>(never.try_recv());
              static_cast<void>(never.recv_for(1us));
              static_cast<void>(never.send_for(1, 1us));
              const chan<int> copy = ch;
            }),
            0);
}

TEST(channels_and_memory, select_allocates_nothing) {
  auto ch = make_chan<int>(1);
  auto never = make_chan<int>();
  static_cast<void>(never.recv_for(1us));
  const auto take = [&](auto last) {
    return select(on_recv(never), on_send(never, 1), on_recv(never), on_send(never, 2), on_recv(ch),
                  on_recv(never), on_recv(never), std::move(last));
  };
  EXPECT_EQ(allocated_by([&] {
              EXPECT_EQ(take(gobench::after(1us)), 7);
              EXPECT_EQ(take(gobench::otherwise()), 7);
              EXPECT_EQ(take(on_send(ch, 3)), 7);
              EXPECT_EQ(take(gobench::otherwise()), 4);
            }),
            0);
}

TEST(channels_and_memory, an_unbounded_channel_gives_memory_back_as_it_drains) {
  const long at_first = blocks;
  {
    auto queue = gobench::make_unbounded_chan<long>();
    for (long i = 0; i < 100'000; ++i) queue.send(i);
    const long full = blocks - at_first;
    EXPECT_GT(full, 100);
    for (long i = 0; i < 50'000; ++i) queue.recv();
    EXPECT_LT(blocks - at_first, full * 6 / 10);
    for (long i = 50'000; i < 100'000; ++i) ASSERT_EQ(queue.recv(), i);
    EXPECT_LE(blocks - at_first, 3) << "the channel, the segment in use and a spare one";
    // Breathing within two segments allocates nothing.
    EXPECT_EQ(allocated_by([&] {
                for (int round = 0; round < 1000; ++round) {
                  for (long i = 0; i < 100; ++i) queue.send(i);
                  for (long i = 0; i < 100; ++i) queue.recv();
                }
              }),
              0);
  }
  EXPECT_EQ(blocks, at_first);
}

}  // namespace
#endif
