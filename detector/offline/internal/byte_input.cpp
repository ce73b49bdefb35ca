#include "detector/offline/internal/byte_input.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "detector/offline/internal/inflater.hpp"
#include "detector/offline/trace_error.hpp"

namespace gobench::detector::offline {

namespace {

struct packing {
  std::string_view magic;
  const char* unpack;
};

// Known by their first bytes, so that the message can say what to do.
constexpr std::array<packing, 3> packings{{{"\x28\xb5\x2f\xfd", "zstd -dc"},
                                           {"\xfd"
                                            "7zXZ",
                                            "xz -dc"},
                                           {"BZh", "bzip2 -dc"}}};

}  // namespace

byte_input::byte_input(const std::string& path) : name_(path == "-" ? "standard input" : path) {
  if (path == "-") {
    fd_ = dup(STDIN_FILENO);
  } else {
    fd_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  }
  if (fd_ < 0) {
    throw trace_error(name_ + " cannot be opened: " + std::strerror(errno) + "; check the path.");
  }
  struct stat about {};
  if (fstat(fd_, &about) == 0 && S_ISDIR(about.st_mode)) {
    close(fd_);
    throw trace_error(name_ + " is a directory; name a trace file in it.");
  }
  try {
    begin();
  } catch (...) {
    close(fd_);
    throw;
  }
}

byte_input::byte_input(std::string name, std::string content)
    : name_(std::move(name)), content_(std::move(content)) {
  begin();
}

byte_input::~byte_input() {
  if (fd_ >= 0) close(fd_);
}

void byte_input::begin() {
  const std::string_view first = peek(6);
  if (first.empty()) {
    throw trace_error(name_ + " is empty; a trace has lines such as T1|w(x)|12.");
  }
  for (const packing& one : packings) {
    if (first.starts_with(one.magic)) {
      throw trace_error(name_ + " is packed in a way that is not read here; unpack it: " +
                        one.unpack + " FILE | gobench analyze -");
    }
  }
  if (!first.starts_with("\x1f\x8b")) return;
  std::string packed_head = std::exchange(head_, {});
  inflater_ = std::make_unique<inflater>(
      name_, [this, rest = std::move(packed_head)](char* to, std::size_t size) mutable {
        if (rest.empty()) return read_packed(to, size);
        const std::size_t count = std::min(size, rest.size());
        std::memcpy(to, rest.data(), count);
        rest.erase(0, count);
        return count;
      });
  if (peek(1).empty()) {
    throw trace_error(name_ +
                      " is empty once it is unpacked; a trace has lines such as T1|w(x)|12.");
  }
}

std::size_t byte_input::read_packed(char* to, std::size_t size) {
  if (fd_ < 0) {
    const std::size_t count = std::min(size, content_.size() - content_given_);
    std::memcpy(to, content_.data() + content_given_, count);
    content_given_ += count;
    return count;
  }
  while (true) {
    const ssize_t count = ::read(fd_, to, size);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) {
      throw trace_error(name_ + " cannot be read: " + std::strerror(errno) + "; check the file.");
    }
  }
}

std::size_t byte_input::read_unpacked(char* to, std::size_t size) {
  return inflater_ ? inflater_->read(to, size) : read_packed(to, size);
}

std::size_t byte_input::read(char* to, std::size_t size) {
  if (head_given_ == head_.size()) return read_unpacked(to, size);
  const std::size_t count = std::min(size, head_.size() - head_given_);
  std::memcpy(to, head_.data() + head_given_, count);
  head_given_ += count;
  return count;
}

std::string_view byte_input::peek(std::size_t size) {
  while (head_.size() < size) {
    const std::size_t had = head_.size();
    head_.resize(size);
    const std::size_t count = read_unpacked(head_.data() + had, size - had);
    head_.resize(had + count);
    if (count == 0) break;
  }
  return head_;
}

}  // namespace gobench::detector::offline
