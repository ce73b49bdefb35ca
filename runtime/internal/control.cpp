#include "runtime/internal/control.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <mutex>
#include <new>
#include <string>
#include <utility>

#include "runtime/errors.hpp"
#include "runtime/internal/coroutine.hpp"
#include "runtime/internal/worker.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// Blocks of one kind. Processors keep blocks of their own and exchange them with the pool in bundles: as
// many as a slab has, linked through `next`, without a look at each of them.
class control_pool {
 public:
  static constexpr int bundle_blocks = 64;

  explicit control_pool(waiter_kind kind)
      : kind_(kind),
        stride_(kind == waiter_kind::coroutine ? sizeof(coroutine_task) : sizeof(function_task)) {}

  control* take() {
    const std::scoped_lock held(lock_);
    if (free_ == nullptr) free_ = bundle();
    control* block = free_;
    free_ = block->next;
    return block;
  }

  void give(control& block) noexcept {
    const std::scoped_lock held(lock_);
    block.next = free_;
    free_ = &block;
  }

  control* take_bundle() {
    const std::scoped_lock held(lock_);
    return bundle();
  }

  void give_bundle(control& first) noexcept {
    const std::scoped_lock held(lock_);
    first.newer = bundles_;
    bundles_ = &first;
  }

  template <class Visit>
  void each(Visit visit) {
    const std::scoped_lock held(lock_);
    for (std::byte* slab : slabs_)
      for (std::size_t i = 0; i < bundle_blocks; ++i) visit(block_of(slab, i));
  }

 private:
  // Under the lock.
  control* bundle() {
    if (bundles_ == nullptr) return grow();
    control* first = bundles_;
    bundles_ = first->newer;
    return first;
  }

  std::size_t slab_bytes() const noexcept { return stride_ * bundle_blocks; }

  // With so many tasks already, blocks are mapped and committed by the region, in one system call: a fault
  // for every sixteen is a quarter of what it costs to spawn into a batch of a million.
  // Rejected: huge pages. Clearing one took 4 ms on the virtual machine where this was measured, whose host
  // has not backed them before, and made such a batch slower by half.
  static constexpr std::size_t small_slabs = 256;
  static constexpr std::size_t region_bytes = std::size_t{1} << 20;

  // A slab of a region; null when there is no memory for one.
  void* from_region() noexcept {
    if (region_left_ < slab_bytes()) {
      void* mapped = ::mmap(nullptr, region_bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
      if (mapped == MAP_FAILED) return nullptr;
      region_ = static_cast<std::byte*>(mapped);
      region_left_ = region_bytes;
    }
    region_left_ -= slab_bytes();
    return std::exchange(region_, region_ + slab_bytes());
  }

  control* grow() {
    void* memory = slabs_.size() >= small_slabs ? from_region() : nullptr;
    if (memory == nullptr) memory = ::operator new(slab_bytes(), alignment);
    auto* slab = static_cast<std::byte*>(memory);
    slabs_.push_back(slab);
    control* first = nullptr;
    for (std::size_t i = bundle_blocks; i-- > 0;) {
      void* where = slab + i * stride_;
      control* block = kind_ == waiter_kind::coroutine
                           ? static_cast<control*>(::new (where) coroutine_task(kind_))
                           : static_cast<control*>(::new (where) function_task(kind_));
      block->next = first;
      first = block;
    }
    return first;
  }

  // Both classes have control as their first base, at the same address.
  control& block_of(std::byte* slab, std::size_t i) const noexcept {
    return *std::launder(reinterpret_cast<control*>(slab + i * stride_));
  }

  static constexpr std::align_val_t alignment{
      std::max(alignof(function_task), alignof(coroutine_task))};

  const waiter_kind kind_;
  const std::size_t stride_;  // from block to block
  spin_lock lock_;
  control* free_ = nullptr;     // given by those who hold no processor
  control* bundles_ = nullptr;  // linked through `newer` of the first block of each
  std::vector<std::byte*> slabs_;
  std::byte* region_ = nullptr;  // what is left of the newest
  std::size_t region_left_ = 0;
};

control_pool& pool_of(waiter_kind kind) {
  // Never destroyed: a late unpark() may come from a thread that outlives main().
  static auto& fibers = *new control_pool(waiter_kind::fiber);
  static auto& coroutines = *new control_pool(waiter_kind::coroutine);
  static auto& threads = *new control_pool(waiter_kind::thread_task);
  if (kind == waiter_kind::coroutine) return coroutines;
  return kind == waiter_kind::fiber ? fibers : threads;
}

constexpr waiter_kind every_task_kind[] = {waiter_kind::fiber, waiter_kind::coroutine,
                                           waiter_kind::thread_task};

std::atomic<std::uint64_t> next_id{1};

// The blocks kept by the processor that the caller holds; null elsewhere, and for task threads.
control_cache* cache_here(waiter_kind kind) noexcept {
  if (kind == waiter_kind::thread_task) return nullptr;
  const worker* w = this_worker();
  if (w == nullptr || w->p == nullptr) return nullptr;
  return kind == waiter_kind::fiber ? &w->p->fiber_controls : &w->p->coroutine_controls;
}

control* take_block(waiter_kind kind) {
  control_cache* cache = cache_here(kind);
  if (cache == nullptr) return pool_of(kind).take();
  if (cache->first == nullptr) {
    cache->first = std::exchange(cache->spare, nullptr);
    if (cache->first == nullptr) cache->first = pool_of(kind).take_bundle();
    cache->count = control_pool::bundle_blocks;
  }
  control* block = cache->first;
  cache->first = block->next;
  --cache->count;
  return block;
}

void give_block(control& block) noexcept {
  control_cache* cache = cache_here(block.kind);
  if (cache == nullptr) {
    pool_of(block.kind).give(block);
    return;
  }
  if (cache->count == control_pool::bundle_blocks) {
    if (cache->spare != nullptr) pool_of(block.kind).give_bundle(*cache->spare);
    cache->spare = std::exchange(cache->first, nullptr);
    cache->count = 0;
  }
  block.next = cache->first;
  cache->first = &block;
  ++cache->count;
}

void recycle(control& task) noexcept {
  task.failure = nullptr;
  task.id.store(0, std::memory_order_release);  // pairs with lives_in()
  give_block(task);
}

}  // namespace

control& take_control(waiter_kind kind, source_location born) {
  control& task = *take_block(kind);
  task.context = nullptr;
  task.next = nullptr;
  task.lent = nullptr;
  task.exceptions = {};
  task.record = nullptr;
  task.state.store(task_state::fresh, std::memory_order_relaxed);
  task.is_main = false;
  task.in_blocking.store(0, std::memory_order_relaxed);
  task.blocking_depth = 0;
  task.ending.store(control::running, std::memory_order_relaxed);
  task.run_ended.store(false, std::memory_order_relaxed);
  task.reason.store(wait_reason::none, std::memory_order_relaxed);
  task.at_rest.store(false, std::memory_order_relaxed);
  task.refusals = 0;
  task.yields_after_end = 0;
  task.spins.store(false, std::memory_order_relaxed);
  task.born = born;
  GOBENCH_HOOK(forget(&task));  // the end of whom it served before
  // Release pairs with hold_live_tasks(), which may come upon the block at any time.
  task.references.store(2, std::memory_order_release);
  return task;
}

void drop_work(control& task) noexcept {
  if (task.kind == waiter_kind::coroutine) {
    destroy_frame(static_cast<coroutine_task&>(task));
  } else {
    work_of(task).drop();
  }
}

void number_control(control& fresh, std::uint64_t run) noexcept {
  fresh.run.store(run, std::memory_order_relaxed);
  // Release pairs with lives_in().
  fresh.id.store(next_id.fetch_add(1, std::memory_order_relaxed), std::memory_order_release);
  if constexpr (instrument::listening) {
    if (fresh.record != nullptr) instrument::task_named(fresh.record, short_name_of(fresh).c_str());
  }
}

namespace {

void drop_references(control& task, std::uint32_t count) noexcept {
  // Release: what these owners did with the block; acquire: the last one sees what all did.
  if (task.references.fetch_sub(count, std::memory_order_acq_rel) == count) recycle(task);
}

}  // namespace

void drop_reference(control& task) noexcept { drop_references(task, 1); }

void finish_control(control& task) noexcept {
  task.state.store(task_state::finished, std::memory_order_relaxed);
  std::uint32_t ours = 1;
  // Release publishes the task's effects and its failure to join(); acquire takes the joiner.
  const std::uintptr_t before = task.ending.exchange(control::finished, std::memory_order_acq_rel);
  if (before == control::dropped) {
    ours = 2;
    if (task.failure != nullptr && !task.run_ended.load(std::memory_order_relaxed))
      die_of_exception(task, task.failure);
  } else if (before != control::running) {
    unpark(*reinterpret_cast<waiter*>(before));
  }
  drop_references(task, ours);
}

namespace {

bool lives_in(const control& task, std::uint64_t run) noexcept {
  return task.id.load(std::memory_order_acquire) != 0 &&
         task.run.load(std::memory_order_relaxed) == run &&
         task.ending.load(std::memory_order_acquire) != control::finished;
}

// Takes a reference unless the last one is gone, after which the block may serve another task.
bool try_hold(control& task) noexcept {
  std::uint32_t seen = task.references.load(std::memory_order_relaxed);
  while (seen != 0) {
    // Acquire pairs with the release in take_control().
    if (task.references.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire,
                                              std::memory_order_relaxed))
      return true;
  }
  return false;
}

void sort_by_age(std::vector<control*>& tasks) {
  std::ranges::sort(tasks, {},
                    [](const control* task) { return task->id.load(std::memory_order_relaxed); });
}

}  // namespace

std::vector<control*> live_tasks(std::uint64_t run) {
  std::vector<control*> found;
  for (const waiter_kind kind : every_task_kind) {
    pool_of(kind).each([&](control& task) {
      if (lives_in(task, run)) found.push_back(&task);
    });
  }
  sort_by_age(found);
  return found;
}

bool all_parked(std::uint64_t run) {
  return std::ranges::all_of(live_tasks(run), [](const control* task) {
    return task->permit.load(std::memory_order_acquire) >= permit_parked;
  });
}

bool others_parked(std::uint64_t run) {
  bool all = true;
  for (control* task : hold_live_tasks(run)) {
    if (!task->is_main && task->permit.load(std::memory_order_acquire) < permit_parked) all = false;
    drop_reference(*task);
  }
  return all;
}

std::vector<control*> hold_live_tasks(std::uint64_t run) {
  std::vector<control*> held;
  for (const waiter_kind kind : every_task_kind) {
    pool_of(kind).each([&](control& task) {
      if (try_hold(task)) held.push_back(&task);
    });
  }
  // Not in the visit: the last reference would go back to the pool that is being visited.
  std::erase_if(held, [&](control* task) {
    const bool over = !lives_in(*task, run);
    if (over) drop_reference(*task);
    return over;
  });
  sort_by_age(held);
  return held;
}

std::exception_ptr ended_failure() {
  return std::make_exception_ptr(
      run_ended("the run ended before the task did, so it cannot be joined"));
}

std::string short_name_of(const control& task) {
  std::string name = task.is_main ? "the main task" : "task ";
  if (!task.is_main) name += std::to_string(task.id.load(std::memory_order_relaxed));
  return name;
}

std::string name_of(const control& task) {
  std::string name = short_name_of(task);
  name += ", spawned at ";
  name += task.born.file_name();
  name += ':';
  name += std::to_string(task.born.line());
  return name;
}

void die_of_exception(const control& task, const std::exception_ptr& failure) noexcept {
  std::string what = "an exception of unknown type";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& caught) {
    what = caught.what();
  } catch (...) {
    // Its type says nothing about a message.
  }
  const std::string sentence = "gobench: an exception left " + name_of(task) +
                               ", and no handle is left to join it: " + what +
                               "; catch it in the task, or keep the handle and join() it.\n";
  std::fputs(sentence.c_str(), stderr);
  std::fflush(stderr);
  try {
    std::rethrow_exception(failure);
  } catch (...) {
    std::terminate();  // inside the handler, so that a terminate handler can look at it
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
