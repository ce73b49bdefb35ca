// Objects of the main task go with its frame, and those who still wait on them are unwound after that: they
// must not touch what is gone. The frame is overwritten here before they are, to be sure.
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <new>

#include "runtime/internal/waiter.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

class orphan_test : public on_backends {};
GOBENCH_ON_BACKENDS(orphan_test);

// Everything one can wait on, in storage that is filled with rubbish when the objects have ended.
struct everything {
  gobench::mutex mutex;
  gobench::shared_mutex shared;
  gobench::condition_variable changed;
  gobench::mutex for_changed;
  gobench::wait_group group;
  gobench::semaphore semaphore{0};
  gobench::event event;
  gobench::latch latch{1};
  gobench::barrier barrier{2};
  gobench::once once;
  gobench::chan<int> unbuffered = gobench::make_chan<int>();
  gobench::chan<int> full = gobench::make_chan<int>(1);
};

TEST_P(orphan_test, waiters_survive_what_they_wait_on) {
  constexpr int waiters = 12;
  std::atomic<int> unwound{0};
  alignas(everything) std::array<std::byte, sizeof(everything)> storage;
  run([&] {
    auto* all = ::new (storage.data()) everything;
    std::array<std::atomic<gobench::runtime::waiter*>, waiters> who{};
    std::size_t spawned = 0;
    const auto spawn = [&](auto wait) {
      std::atomic<gobench::runtime::waiter*>& mine = who[spawned++];
      gobench::go([&unwound, &mine, wait] {
        struct on_end {
          std::atomic<int>& count;
          ~on_end() { ++count; }
        } const end{unwound};
        mine.store(&gobench::runtime::this_waiter());
        wait();
      });
    };
    all->mutex.lock();
    all->shared.lock();
    all->group.add(1);
    all->full.send(1);
    spawn([all] { all->mutex.lock(); });
    spawn([all] { all->shared.lock(); });
    spawn([all] { all->shared.lock_shared(); });
    spawn([all] {
      std::unique_lock held(all->for_changed);
      all->changed.wait(held);
    });
    spawn([all] { all->group.wait(); });
    spawn([all] { all->semaphore.acquire(); });
    spawn([all] { all->event.wait(); });
    spawn([all] { all->latch.wait(); });
    spawn([all] { all->barrier.arrive_and_wait(); });
    spawn([all] { all->unbuffered.recv(); });
    spawn([all] { all->full.send(2); });
    spawn([all] {
      gobench::select(gobench::on_recv(all->unbuffered, [](std::optional<int>) {}),
                      gobench::on_send(all->full, 3, [] {}));
    });
    // None of them waits on more than one thing, so who is parked once stays there.
    for (const std::atomic<gobench::runtime::waiter*>& one : who) {
      const gobench::runtime::waiter* waiter = nullptr;
      while ((waiter = one.load()) == nullptr ||
             waiter->permit.load() < gobench::runtime::permit_parked)
        gobench::yield();
    }
    all->~everything();
    std::memset(static_cast<void*>(storage.data()), 0x5a, storage.size());
  });
  EXPECT_EQ(unwound.load(), waiters);
}

}  // namespace
