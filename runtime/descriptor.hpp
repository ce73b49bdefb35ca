// File descriptors that tasks wait for: sockets and whatever else epoll takes. The seam below gobench::net.
//
//   runtime::descriptor in(accepted);            // non-blocking; closed with the object
//   const auto got = in.attempt(runtime::io_side::read, runtime::wait_reason::io_read,
//                               [&](int fd) { return try_to_read(fd, into); });
//
// Model. An operation is tried first. When the kernel says "not now" (EAGAIN) the caller parks, through
// runtime/park.hpp as for every other wait, until an edge of epoll, the deadline or a close() wakes it, and tries
// again. Fibers wait in an epoll instance that the scheduler's workers look at, threads in one that a thread of
// its own looks at (internal/poller.hpp).
//
// Invariants
//  - Each side counts the edges that epoll has reported for it. Who waits has read the count before the attempt
//    that failed, and parks only if, under the lock, it is still the same. So an edge between the two is not
//    lost, and an edge too many is one attempt too many and nothing worse.
//  - Every waiter of a side is woken by an edge, since one attempt may leave something for the next.
//  - A descriptor is added to epoll by the first who waits for it. Adding reports what is ready by then.
//  - The number stays that of this file while anybody uses it: close() only forbids new uses and wakes who waits;
//    the last user closes the file. So no operation meets the number in its next life.
//  - A block is recycled, never freed or used for anything else: an event that was under way when its file was
//    closed meets the block in its next life, where it is an edge too many. Hence no generations.
//
// Sources: Go's internal/poll (FD, fdMutex) and runtime/netpoll.go (pollDesc). Where we deviate: Go keeps a
// one-place semaphore and a pair of timers for each side; the count of edges lets any number of tasks wait for
// one side, and a deadline is that of park(): who changes it wakes who waits.
#pragma once

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include "runtime/flavour.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {

enum class io_side : std::uint8_t { read, write };

struct io_outcome {
  enum class kind : std::uint8_t {
    done,       // value is what the attempt returned
    failed,     // value is the error number
    timed_out,  // the deadline of the side has passed
    closed,     // by close(), before or meanwhile
  };
  kind how = kind::done;
  std::int64_t value = 0;
};

struct poll_block;

// Every method may be called from fibers and threads, by many at once; moving and destroying it, while nobody
// else uses it.
class descriptor {
 public:
  descriptor() noexcept = default;
  // Takes over a file in non-blocking mode, also when it throws std::bad_alloc (then it is closed).
  explicit descriptor(int fd);
  descriptor(descriptor&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~descriptor();

  // Ends it: who waits comes back with `closed`, as does every later attempt. Once those who are in an
  // attempt have left it, the file is closed. Returns whether it was open.
  bool close() noexcept;
  bool is_open() const noexcept;

  // After that time attempts end with `timed_out`, also those that wait already and, as in Go, those that
  // could be done at once. no_deadline: never.
  void set_deadline(io_side side, steady_time when) noexcept;

  // Calls call(fd) until it returns something else than -EAGAIN and -EINTR; between the calls the caller waits.
  // call returns a value from 0, or an error as its negative number, and does not use errno on its own: the fiber
  // may be on another thread afterwards. Throws misuse where one cannot wait (park.hpp) and
  // std::system_error when the thread that polls cannot be started.
  template <class Call>
  io_outcome attempt(io_side side, wait_reason why, Call call) {
    const use in_use(block_);
    if (!in_use) return {io_outcome::kind::closed, 0};
    for (;;) {
      const std::uint32_t seen = edges(side);
      if (late(side)) return {io_outcome::kind::timed_out, 0};
      const std::int64_t result = call(in_use.number());
      if (result >= 0) return {io_outcome::kind::done, result};
      if (result == -EINTR) continue;
      if (result != -EAGAIN) return {io_outcome::kind::failed, -result};
      const io_outcome waited = wait(side, why, seen);
      if (waited.how != io_outcome::kind::done) return waited;
    }
  }

  // Calls call(fd), once, while the number is valid. `closed` without a call when it is not.
  template <class Call>
  io_outcome with_number(Call call) const {
    const use in_use(block_);
    if (!in_use) return {io_outcome::kind::closed, 0};
    const std::int64_t result = call(in_use.number());
    if (result < 0) return {io_outcome::kind::failed, -result};
    return {io_outcome::kind::done, result};
  }

 private:
  // Keeps the file open while it lives; false when it was closed before.
  class use {
   public:
    explicit use(poll_block* block) noexcept;
    ~use();
    use(const use&) = delete;
    use& operator=(const use&) = delete;
    explicit operator bool() const noexcept { return block_ != nullptr; }
    int number() const noexcept;

   private:
    poll_block* block_;
  };

  std::uint32_t edges(io_side side) const noexcept;
  bool late(io_side side) const noexcept;
  io_outcome wait(io_side side, wait_reason why, std::uint32_t seen);

  poll_block* block_ = nullptr;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
