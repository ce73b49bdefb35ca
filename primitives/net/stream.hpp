// What tcp_stream and unix_stream share: bytes in both directions.
//
//   std::array<char, 4096> buffer;
//   while (const std::size_t got = connection.read(buffer)) connection.write({buffer.data(), got});
//
// Invariants
//  - An operation that cannot be done at once parks the calling fiber (or thread): its processor runs others.
//  - Deadlines are points in time, one for each direction, and stay until they are changed. Once one has
//    passed, every operation in its direction fails with timeout_error, those that wait as well as later ones.
//  - close() wakes who waits with closed_error; the peer sees the end when the last of them has left.
//  - One write() is not interrupted by another one. Reads of several tasks share the bytes among them.
//
// Semantics as of Go's net.Conn. Who may call: fibers, task threads and OS threads that the runtime did not start, many at
// once; moving and destroying, while nobody else uses it. At the end of a run a waiting task is unwound; the
// stream itself may outlive the run and be used in another. After a fork() the child may use what it has inherited, but
// both read from the same stream.
//
// Throws timeout_error, closed_error, and std::system_error for what the kernel refuses: ECONNRESET when the peer has
// broken the connection, EPIPE for a write after it has ended (there is no SIGPIPE), ENOSPC when
// fs.epoll.max_user_watches is reached. What a read or write has done before it throws is done.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "primitives/internal/deadline.hpp"
#include "primitives/mutex.hpp"
#include "primitives/net/address.hpp"
#include "primitives/net/errors.hpp"
#include "runtime/descriptor.hpp"
#include "runtime/flavour.hpp"
#include "runtime/park.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

inline constexpr steady_time no_deadline = runtime::no_deadline;

// Use tcp_stream or unix_stream.
class stream {
 public:
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  // Waits until there is something and returns how many bytes were read, at most into.size(); 0 is the end: the peer
  // has shut down its writing side, or closed. (And 0 for an empty span, at once.)
  std::size_t read(std::span<std::byte> into);
  std::size_t read(std::span<char> into) { return read(std::as_writable_bytes(into)); }

  // Reads until `into` is full or the stream ends; returns how many bytes that were.
  std::size_t read_full(std::span<std::byte> into);
  std::size_t read_full(std::span<char> into) { return read_full(std::as_writable_bytes(into)); }

  // Writes all of it: returns when the kernel has taken the last byte.
  void write(std::span<const std::byte> from);
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  // Waits until some bytes can be written, writes them and returns how many.
  std::size_t write_some(std::span<const std::byte> from);
  std::size_t write_some(std::string_view text) {
    return write_some(std::as_bytes(std::span(text)));
  }

  // No more reading: later reads return 0. No more writing: the peer reads the end, and may still write.
  void shutdown_read();
  void shutdown_write();

  // Until when the operations may take; no_deadline: as long as they like. A time that has passed ends what waits
  // and lets later ones fail at once. Not more than a word on a stream that is closed.
  template <class Clock, class Duration>
  void set_deadline(std::chrono::time_point<Clock, Duration> when) {
    set_read_deadline(when);
    set_write_deadline(when);
  }
  template <class Clock, class Duration>
  void set_read_deadline(std::chrono::time_point<Clock, Duration> when) {
    set_deadline_of(runtime::io_side::read, primitives::steady_deadline(when));
  }
  template <class Clock, class Duration>
  void set_write_deadline(std::chrono::time_point<Clock, Duration> when) {
    set_deadline_of(runtime::io_side::write, primitives::steady_deadline(when));
  }

  // Any number of times, from anywhere. The destructor does it.
  void close() noexcept;
  bool is_open() const noexcept;

 protected:
  struct core {
    core(runtime::descriptor made, const address& other, std::string at)
        : file(std::move(made)), peer(other), path(std::move(at)) {}
    std::string name() const;

    runtime::descriptor file;
    mutex writing;
    const address peer;      // of TCP
    const std::string path;  // of a Unix stream: where it was connected
  };

  stream() noexcept = default;
  stream(runtime::descriptor file, const address& peer, std::string path)
      : core_(std::make_unique<core>(std::move(file), peer, std::move(path))) {}
  stream(stream&& other) noexcept = default;
  stream& operator=(stream&& other) noexcept = default;
  ~stream() = default;

  // Throws closed_error when there is none.
  core& in_use(const char* doing) const;

  std::unique_ptr<core> core_;

 private:
  std::size_t transmit_some(core& to, std::span<const std::byte> from);
  void shut_down(int how, const char* doing);
  void set_deadline_of(runtime::io_side side, steady_time when) noexcept;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
