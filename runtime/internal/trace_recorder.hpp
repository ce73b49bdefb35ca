// The one trace of the process: its buffers, and the thread that writes them to the file.
//
// Invariants
//  - Buffers are made once and never destroyed; one that is given back goes to the next thread that asks.
//  - Whoever drains (the writer thread, or end_run()) holds `draining_`. Producers never take it.
//  - The file is a JSON array that grows. After end_run() it ends in "]", which the next piece replaces;
//    in between it lacks the end, which viewers do not mind. Pieces consist of whole entries.
//  - It never grows beyond `most_bytes_` and a little: what comes later is counted as dropped, as is
//    what the writer is too slow for.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "runtime/internal/trace_buffer.hpp"
#include "runtime/internal/trace_json.hpp"
#include "runtime/spin_lock.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace {

class recorder {
 public:
  // One per process, never destroyed; a child made by fork() gets its own when it asks for one.
  static recorder& instance();

  // Throws std::system_error with the path when the file cannot be written. Replaces an earlier trace.
  void open(const std::string& path);

  buffer* take() noexcept;  // null when there is no memory
  void give(buffer& one) noexcept;
  // From threads that have no buffer.
  void share(const event& one) noexcept;
  // To be called with what push() has returned.
  void note(bool wake) noexcept {
    if (wake) wake_writer();
  }

  // Everything into the file, and its end.
  void complete() noexcept;
  int writer_number() const noexcept { return writer_.load(std::memory_order_acquire); }

 private:
  recorder() = default;
  static void* writer_main(void*);
  void wake_writer() noexcept;
  bool drain() noexcept;  // under draining_; whether there was anything
  void tell_dropped();
  std::uint64_t dropped() const noexcept;
  void add(const event& one);
  void put(const std::string& text) noexcept;
  void start_writer();

  spin_lock buffers_lock_;
  std::vector<buffer*> buffers_;
  buffer* free_ = nullptr;
  spin_lock shared_lock_;
  buffer* shared_ = nullptr;

  std::mutex draining_;
  std::optional<json_writer> json_;
  std::unordered_set<std::int32_t> named_;
  std::string text_;
  std::string end_of_array_;
  int file_ = -1;
  bool at_end_ = false;  // the file ends in "]"
  bool failed_ = false;
  std::uint64_t written_ = 0;
  std::uint64_t most_bytes_ = 0;
  std::uint64_t unwritten_ = 0;     // events dropped for want of room in the file
  std::uint64_t dropped_told_ = 0;  // dropped events that the file speaks of
  std::int64_t last_ns_ = 0;

  std::atomic<int> writer_{0};
  std::atomic<std::uint32_t> wanted_{0};
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace
