#include "detector/offline/recording/writer.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace gobench::detector::offline {

namespace {

unsigned size_code_of(std::uint64_t size) {
  switch (size) {
    case 1:
      return 0;
    case 2:
      return 1;
    case 4:
      return 2;
    case 8:
      return 3;
    case 16:
      return 4;
    default:
      return size_follows;
  }
}

std::size_t length_of(const char* text) {
  std::size_t length = 0;
  while (length < longest_text && text[length] != '\0') ++length;
  return length;
}

}  // namespace

bool recording_writer::open(const char* path) noexcept {
  const int fd = ::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    error_ = errno;
    return false;
  }
  return open(fd);
}

bool recording_writer::open(int fd) noexcept {
  fd_ = fd;
  error_ = 0;
  used_ = 0;
  task_ = address_ = object_ = pc_ = 0;
  for (const char c : recording_magic) put(static_cast<unsigned char>(c));
  put(recording_version & 0xffU);
  put(recording_version >> 8U);
  while (used_ < recording_header_size) put(0);
  return flush();
}

bool recording_writer::begin(record_kind kind, std::uint64_t task, unsigned size_code) noexcept {
  if (fd_ < 0) return false;
  make_room();
  if (task != task_) {
    put(static_cast<unsigned>(record_kind::task));
    put_number(task);
    task_ = task;
  }
  put(static_cast<unsigned>(kind) | (size_code << 5U));
  return true;
}

void recording_writer::access(record_kind kind, std::uint64_t task, std::uint64_t address,
                              std::uint64_t size, std::uint64_t pc) noexcept {
  const unsigned code = size_code_of(size);
  if (!begin(kind, task, code)) return;
  put_difference(address, address_);
  put_difference(pc, pc_);
  if (code == size_follows) put_number(size);
}

void recording_writer::sync(record_kind kind, std::uint64_t task, std::uint64_t object,
                            std::uint64_t pc) noexcept {
  if (!begin(kind, task)) return;
  put_difference(object, object_);
  if (kind != record_kind::forget_object) put_difference(pc, pc_);
}

void recording_writer::transfer(record_kind kind, std::uint64_t task, std::uint64_t from,
                                std::uint64_t to, std::uint64_t pc) noexcept {
  if (!begin(kind, task)) return;
  put_difference(from, object_);
  put_difference(to, object_);
  put_difference(pc, pc_);
}

void recording_writer::fork(std::uint64_t task, std::uint64_t child, std::uint64_t pc) noexcept {
  if (!begin(record_kind::fork, task)) return;
  put_number(child);
  put_difference(pc, pc_);
}

void recording_writer::join(std::uint64_t task, std::uint64_t child, std::uint64_t pc) noexcept {
  if (!begin(record_kind::join, task)) return;
  put_number(child);
  put_difference(pc, pc_);
}

void recording_writer::put_text(const char* text, std::size_t size) noexcept {
  put_number(size);
  for (std::size_t i = 0; i < size; ++i) put(static_cast<unsigned char>(text[i]));
}

void recording_writer::task_name(std::uint64_t task, const char* name) noexcept {
  if (begin(record_kind::task_name, task)) put_text(name, length_of(name));
}

void recording_writer::task_end(std::uint64_t task) noexcept { begin(record_kind::task_end, task); }

void recording_writer::memory_new(std::uint64_t task, std::uint64_t address,
                                  std::uint64_t size) noexcept {
  if (size == 0 || !begin(record_kind::memory_new, task)) return;
  put_difference(address, address_);
  put_number(size);
}

void recording_writer::memory_freed(std::uint64_t task, std::uint64_t address, std::uint64_t size,
                                    std::uint64_t pc) noexcept {
  if (size == 0 || !begin(record_kind::memory_freed, task)) return;
  put_difference(address, address_);
  put_number(size);
  put_difference(pc, pc_);
}

void recording_writer::module(std::uint64_t base, std::uint64_t size, const char* path,
                              const unsigned char* build_id, std::size_t build_id_size) noexcept {
  if (!begin(record_kind::module, task_)) return;
  put_number(base);
  put_number(size);
  put_text(path, length_of(path));
  put_text(reinterpret_cast<const char*>(build_id),
           build_id_size < longest_text ? build_id_size : longest_text);
}

bool recording_writer::flush() noexcept {
  std::size_t done = 0;
  while (fd_ >= 0 && error_ == 0 && done < used_) {
    const ssize_t count = ::write(fd_, buffer_ + done, used_ - done);
    if (count >= 0) {
      done += static_cast<std::size_t>(count);
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  used_ = 0;
  return error_ == 0;
}

bool recording_writer::close() noexcept {
  if (fd_ < 0) return error_ == 0;
  begin(record_kind::end, task_);
  flush();
  if (::close(fd_) != 0 && error_ == 0) error_ = errno;
  fd_ = -1;
  return error_ == 0;
}

void recording_writer::abandon() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  used_ = 0;
}

}  // namespace gobench::detector::offline
