// An open file descriptor and the system calls on it that are needed here: whole or an exception.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace gobench::results::internal {

// A std::system_error for `error` (an errno) that names what it happened to.
[[noreturn]] void fail(int error, const std::string& name);

class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();

  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// These return 0 or the errno of what went wrong; interrupted calls go on.
int write_all(int fd, std::string_view text);
// Copies bytes [from, to) of one file to the current position of another.
int copy_range(int in, off_t from, off_t to, int out);
// Reads bytes [from, from + text.size()).
int read_at(int fd, off_t from, std::string& text);
// One pwrite(2). What it wrote of the text is told in `written`.
int write_once_at(int fd, off_t at, std::string_view text, std::size_t& written);
// Reaches the disk, where the file system can do that.
int sync(int fd);

}  // namespace gobench::results::internal
