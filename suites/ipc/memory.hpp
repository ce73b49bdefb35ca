// Memory that two processes share, by where it comes from. Zero at first; the name is gone once it is mapped.
#pragma once

#include <cstddef>

namespace gobench::suites::ipc {

// A mapping of a file or of a POSIX segment.
class mapping {
 public:
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;
  ~mapping();
  void* data() const noexcept { return at_; }

 protected:
  // Takes over fd. Makes the object as long as that: std::system_error, ENOSPC, rather than a SIGBUS later.
  mapping(int fd, std::size_t bytes);

 private:
  void* at_ = nullptr;
  std::size_t bytes_;
};

struct posix_memory : mapping {
  explicit posix_memory(std::size_t bytes);
};

struct mapped_file : mapping {
  explicit mapped_file(std::size_t bytes);
};

class system_v_memory {
 public:
  explicit system_v_memory(std::size_t bytes);
  system_v_memory(const system_v_memory&) = delete;
  system_v_memory& operator=(const system_v_memory&) = delete;
  ~system_v_memory();
  void* data() const noexcept { return at_; }

 private:
  void* at_ = nullptr;
};

}  // namespace gobench::suites::ipc
