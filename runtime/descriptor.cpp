#include "runtime/descriptor.hpp"

#include <unistd.h>

#include <memory>
#include <mutex>

#include "runtime/internal/poll_block.hpp"
#include "runtime/internal/poller.hpp"
#include "runtime/internal/scheduler.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

spin_lock pool_lock;
poll_block* pool = nullptr;

poll_block* take_block() {
  {
    const std::scoped_lock held(pool_lock);
    if (poll_block* block = pool) {
      pool = block->next_free;
      return block;
    }
  }
  return new poll_block;
}

spin_lock node_lock;
poll_node* free_nodes = nullptr;

poll_node& take_node() {
  {
    const std::scoped_lock held(node_lock);
    if (poll_node* node = free_nodes) {
      free_nodes = node->next;
      return *node;
    }
  }
  return *new poll_node;
}

// A place in the list of those who wait. Made and ended under the block's lock.
poll_node& stand_in(poll_block::side& side, waiter& self) {
  poll_node& node = side.own.who == nullptr ? side.own : take_node();
  node.who = &self;
  node.next = side.first;
  node.at = &side.first;
  if (node.next != nullptr) node.next->at = &node.next;
  side.first = &node;
  return node;
}

void step_out(poll_block::side& side, poll_node& node) noexcept {
  *node.at = node.next;
  if (node.next != nullptr) node.next->at = node.at;
  node.who = nullptr;
  if (&node == &side.own) return;
  const std::scoped_lock held(node_lock);
  node.next = free_nodes;
  free_nodes = &node;
}

// Under the block's lock.
void wake(poll_block::side& which, ready_list& woken) noexcept {
  for (poll_node* node = which.first; node != nullptr; node = node->next) {
    if (node->told) continue;
    node->told = true;
    woken.add(*node->who);
  }
}

void unpark_all(const ready_list& woken) noexcept {
  for (std::size_t i = 0; i < woken.count; ++i) unpark(*woken.who[i]);
}

steady_time time_at(std::int64_t ns) noexcept {
  return ns == poll_block::never ? no_deadline : steady_time(std::chrono::nanoseconds(ns));
}

// A time before the clock's beginning is as past as any other.
std::int64_t in_ns(steady_time when) noexcept {
  if (when == no_deadline) return poll_block::never;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
}

}  // namespace

bool poll_block::enter() noexcept {
  std::uint32_t seen = users.load(std::memory_order_relaxed);
  do {
    if ((seen & closed_bit) != 0) return false;
    // Acquire pairs with the release of the handle's maker, who may be another task.
  } while (!users.compare_exchange_weak(seen, seen + 1, std::memory_order_acquire,
                                        std::memory_order_relaxed));
  return true;
}

void poll_block::leave() noexcept {
  // Release and acquire: what every user did comes before the file is closed by the last one.
  if (users.fetch_sub(1, std::memory_order_acq_rel) != (closed_bit | 1)) return;
  poller::forget(*this);
  ::close(fd);  // an error has nobody left to tell; the number is free in any case
  drop_reference();
}

void poll_block::drop_reference() noexcept {
  // As in leave(): the next life begins after everything in this one.
  if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::scoped_lock held(pool_lock);
  next_free = pool;
  pool = this;
}

void poll_block::notify(bool readable, bool writable, ready_list& woken) noexcept {
  const std::scoped_lock held(lock);
  for (const io_side which : {io_side::read, io_side::write}) {
    if (!(which == io_side::read ? readable : writable)) continue;
    side& one = at(which);
    // Release pairs with descriptor::edges().
    one.edges.fetch_add(1, std::memory_order_release);
    wake(one, woken);
  }
}

descriptor::descriptor(int fd) {
  try {
    block_ = take_block();
  } catch (...) {
    ::close(fd);
    throw;
  }
  poll_block& block = *block_;
  {
    // Under the lock, since an event of the block's last life may be looking at it.
    const std::scoped_lock held(block.lock);
    block.fd = fd;
    block.watched = {};
    for (poll_block::side& one : block.sides)
      one.deadline_ns.store(poll_block::never, std::memory_order_relaxed);
  }
  block.references.store(2, std::memory_order_relaxed);
  block.users.store(1, std::memory_order_release);  // pairs with enter()
}

descriptor::~descriptor() {
  if (block_ == nullptr) return;
  close();
  block_->drop_reference();
}

bool descriptor::close() noexcept {
  if (block_ == nullptr) return false;
  // Acquire and release as in leave(); of two who close, one goes on.
  if ((block_->users.fetch_or(poll_block::closed_bit, std::memory_order_acq_rel) &
       poll_block::closed_bit) != 0)
    return false;
  ready_list woken;
  {
    // Who looked at the bit before we set it is in the list by now, or will look again under the lock.
    const std::scoped_lock held(block_->lock);
    for (poll_block::side& one : block_->sides) wake(one, woken);
  }
  unpark_all(woken);
  block_->leave();
  return true;
}

bool descriptor::is_open() const noexcept {
  return block_ != nullptr &&
         (block_->users.load(std::memory_order_relaxed) & poll_block::closed_bit) == 0;
}

void descriptor::set_deadline(io_side side, steady_time when) noexcept {
  if (block_ == nullptr) return;
  ready_list woken;
  {
    const std::scoped_lock held(block_->lock);
    // Relaxed: who waits reads it under the lock, and to the others a deadline orders nothing.
    block_->at(side).deadline_ns.store(in_ns(when), std::memory_order_relaxed);
    wake(block_->at(side), woken);
  }
  unpark_all(woken);
}

descriptor::use::use(poll_block* block) noexcept
    : block_(block != nullptr && block->enter() ? block : nullptr) {}

descriptor::use::~use() {
  if (block_ != nullptr) block_->leave();
}

int descriptor::use::number() const noexcept { return block_->fd; }

std::uint32_t descriptor::edges(io_side side) const noexcept {
  // Acquire pairs with notify(): the attempt that follows finds what the counted edges were for.
  return block_->at(side).edges.load(std::memory_order_acquire);
}

bool descriptor::late(io_side side) const noexcept {
  // Relaxed: see set_deadline().
  const std::int64_t deadline = block_->at(side).deadline_ns.load(std::memory_order_relaxed);
  return deadline != poll_block::never && now_ns() >= deadline;
}

// Until there is reason for another attempt; `done` then. The caller uses the block.
io_outcome descriptor::wait(io_side side, wait_reason why, std::uint32_t seen) {
  poll_block& block = *block_;
  poll_block::side& here = block.at(side);
  waiter& self = this_waiter();
  poller& home = poller::of(self);
  const poller::guest counted(home);
  poll_node* node = nullptr;
  {
    const std::scoped_lock held(block.lock);
    if (const int error = home.watch(block)) return {io_outcome::kind::failed, error};
    node = &stand_in(here, self);
  }
  for (;;) {
    io_outcome made{io_outcome::kind::done, 0};
    steady_time deadline = no_deadline;
    {
      const std::scoped_lock held(block.lock);
      const std::int64_t deadline_ns = here.deadline_ns.load(std::memory_order_relaxed);
      deadline = time_at(deadline_ns);
      bool over = true;
      if ((block.users.load(std::memory_order_relaxed) & poll_block::closed_bit) != 0) {
        made.how = io_outcome::kind::closed;
      } else if (here.edges.load(std::memory_order_relaxed) != seen) {
        made.how = io_outcome::kind::done;
      } else if (deadline != no_deadline && now_ns() >= deadline_ns) {
        made.how = io_outcome::kind::timed_out;
      } else {
        over = false;
        node->told = false;
      }
      if (over) {
        step_out(here, *node);
        return made;
      }
    }
    const auto number = reinterpret_cast<const void*>(static_cast<std::intptr_t>(block.fd));
    if (park(self, {why, number}, deadline) == park_result::ended) {
      {
        const std::scoped_lock held(block.lock);
        step_out(here, *node);
      }
      throw_ended();
    }
  }
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
