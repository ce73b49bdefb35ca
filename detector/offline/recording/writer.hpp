// Writes a recording from inside the program that is recorded.
//
// Nothing but write(2), open(2) and close(2) is called and no memory is allocated: the buffer is part of the
// object, which is meant to be a global (constinit). Not thread-safe: the caller holds a lock of its own
// from an event's effect to its call, since the order of the calls is the order of the events.
//
//   constinit recording_writer recording;
//   if (!recording.open("app.trace")) say(strerror(recording.error()));
//   recording.module(base, size, "/usr/bin/app", build_id, build_id_size);
//   recording.access(record_kind::write, task, address, 4, pc);
//   recording.close();
//
// When the file cannot be written (disk full), everything after that is dropped and error() tells the errno.
#pragma once

#include <cstddef>
#include <cstdint>

#include "detector/offline/recording.hpp"

namespace gobench::detector::offline {

class recording_writer {
 public:
  constexpr recording_writer() = default;
  recording_writer(const recording_writer&) = delete;
  recording_writer& operator=(const recording_writer&) = delete;

  // Creates or empties the file. False when it cannot; error() says why.
  bool open(const char* path) noexcept;
  // Writes to this descriptor from now on, and closes it at the end.
  bool open(int fd) noexcept;
  bool is_open() const noexcept { return fd_ >= 0; }

  // One of the four kinds of access; `size` is not 0.
  void access(record_kind kind, std::uint64_t task, std::uint64_t address, std::uint64_t size,
              std::uint64_t pc) noexcept;
  // acquire, release, release_merge, forget_object.
  void sync(record_kind kind, std::uint64_t task, std::uint64_t object, std::uint64_t pc) noexcept;
  // transfer, transfer_merge.
  void transfer(record_kind kind, std::uint64_t task, std::uint64_t from, std::uint64_t to,
                std::uint64_t pc) noexcept;
  void fork(std::uint64_t task, std::uint64_t child, std::uint64_t pc) noexcept;
  void join(std::uint64_t task, std::uint64_t child, std::uint64_t pc) noexcept;
  // The name may be given at any time, also again. Cut at longest_text bytes.
  void task_name(std::uint64_t task, const char* name) noexcept;
  void task_end(std::uint64_t task) noexcept;
  void memory_new(std::uint64_t task, std::uint64_t address, std::uint64_t size) noexcept;
  void memory_freed(std::uint64_t task, std::uint64_t address, std::uint64_t size,
                    std::uint64_t pc) noexcept;
  // Before the first event with a pc in it. `path` is cut at longest_text bytes.
  void module(std::uint64_t base, std::uint64_t size, const char* path,
              const unsigned char* build_id, std::size_t build_id_size) noexcept;

  // Puts what is buffered into the file. False when something could not be written, now or before.
  bool flush() noexcept;
  // Ends the recording: flushes and closes.
  bool close() noexcept;
  // In a child after fork: forgets the file and what is buffered, which are the parent's.
  void abandon() noexcept;
  // errno of what failed first; 0 when nothing did.
  int error() const noexcept { return error_; }

 private:
  static constexpr std::size_t capacity = 256 * 1024;

  void make_room() noexcept {
    if (used_ + longest_record > capacity) flush();
  }
  void put(unsigned byte) noexcept { buffer_[used_++] = static_cast<unsigned char>(byte); }
  void put_number(std::uint64_t number) noexcept {
    while (number >= 0x80) {
      put(static_cast<unsigned>(number & 0x7f) | 0x80U);
      number >>= 7;
    }
    put(static_cast<unsigned>(number));
  }
  void put_difference(std::uint64_t number, std::uint64_t& last) noexcept {
    put_number(zigzag(number - last));
    last = number;
  }
  void put_text(const char* text, std::size_t size) noexcept;
  // Room for a record, and the task before it where it is another than before.
  bool begin(record_kind kind, std::uint64_t task, unsigned size_code = 0) noexcept;

  int fd_ = -1;
  int error_ = 0;
  std::size_t used_ = 0;
  std::uint64_t task_ = 0;
  std::uint64_t address_ = 0;
  std::uint64_t object_ = 0;
  std::uint64_t pc_ = 0;
  unsigned char buffer_[capacity] = {};
};

}  // namespace gobench::detector::offline
