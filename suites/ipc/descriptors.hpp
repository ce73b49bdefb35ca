// Sending and receiving through descriptors that take part of a message at a time.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <utility>

#include "suites/ipc/way.hpp"

namespace gobench::suites::ipc {

// An open descriptor.
class file {
 public:
  file() = default;
  explicit file(int fd) : fd_(fd) {}
  file(file&& from) noexcept : fd_(std::exchange(from.fd_, -1)) {}
  file& operator=(file&& from) noexcept {
    std::swap(fd_, from.fd_);
    return *this;
  }
  ~file() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

inline void write_all(int to, std::span<const std::byte> bytes, std::size_t at_a_time) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(to, bytes.data(), std::min(bytes.size(), at_a_time));
    if (put < 0 && errno == EINTR) continue;
    bytes = bytes.subspan(static_cast<std::size_t>(checked(put, "write")));
  }
}

inline void read_all(int from, std::span<std::byte> bytes, std::size_t at_a_time) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(from, bytes.data(), std::min(bytes.size(), at_a_time));
    if (got < 0 && errno == EINTR) continue;
    if (checked(got, "read") == 0) throw std::runtime_error("the other process has hung up");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

// Two descriptors for each direction: where it is read and where it is written.
class descriptor_way : public way {
 public:
  void send(side from, std::span<const std::byte> message) override {
    write_all(ends_[ipc::index(from)].in.get(), message, at_a_time_);
  }
  void receive(side at, std::span<std::byte> room) override {
    read_all(ends_[ipc::index(other(at))].out.get(), room, at_a_time_);
  }

 protected:
  struct direction {
    file out;
    file in;
  };
  explicit descriptor_way(std::size_t at_a_time = any) : at_a_time_(at_a_time) {}

  // By the side that sends.
  direction& of(side sender) { return ends_[ipc::index(sender)]; }

  // Descriptors that serve both directions: what is written to one is read from the other.
  void connect(file asks, file answers) {
    of(side::asks) = {file(checked(::dup(answers.get()), "dup")),
                      file(checked(::dup(asks.get()), "dup"))};
    of(side::answers) = {std::move(asks), std::move(answers)};
  }

 private:
  static constexpr std::size_t any = ~std::size_t{0} >> 1U;
  std::size_t at_a_time_;
  std::array<direction, 2> ends_;
};

}  // namespace gobench::suites::ipc
