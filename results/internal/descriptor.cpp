#include "results/internal/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace gobench::results::internal {

void fail(int error, const std::string& name) {
  throw std::system_error(error, std::generic_category(), name);
}

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int copy_range(int in, off_t from, off_t to, int out) {
  while (from < to) {
    const ssize_t n =
        ::copy_file_range(in, &from, out, nullptr, static_cast<std::size_t>(to - from), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n > 0) continue;
    if (n == 0) return EIO;  // the file is shorter than what was written to it
    // Old kernels and some file systems cannot copy by themselves.
    if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return errno;
    break;
  }
  while (from < to) {
    std::string piece(static_cast<std::size_t>(std::min<off_t>(to - from, 1 << 16)), '\0');
    if (const int error = read_at(in, from, piece)) return error;
    if (const int error = write_all(out, piece)) return error;
    from += static_cast<off_t>(piece.size());
  }
  return 0;
}

int read_at(int fd, off_t from, std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n =
        ::pread(fd, text.data() + done, text.size() - done, from + static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return EIO;
    done += static_cast<std::size_t>(n);
  }
  return 0;
}

int write_once_at(int fd, off_t at, std::string_view text, std::size_t& written) {
  ssize_t n = 0;
  do {
    n = ::pwrite(fd, text.data(), text.size(), at);
  } while (n < 0 && errno == EINTR);
  written = n < 0 ? 0 : static_cast<std::size_t>(n);
  return n < 0 ? errno : 0;
}

int sync(int fd) {
  if (::fsync(fd) == 0 || errno == EINVAL || errno == EROFS || errno == EINTR) return 0;
  return errno;
}

}  // namespace gobench::results::internal
