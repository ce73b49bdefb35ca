// The bytes of a file or of standard input, unpacked where they are packed with gzip.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace gobench::detector::offline {

class inflater;

class byte_input {
 public:
  // "-" is standard input. Throws trace_error when there is no such file or it can be no trace.
  explicit byte_input(const std::string& path);
  // Reads `content` instead of a file: for tests.
  byte_input(std::string name, std::string content);
  byte_input(const byte_input&) = delete;
  byte_input& operator=(const byte_input&) = delete;
  ~byte_input();

  // What messages call it: the path, or "standard input".
  const std::string& name() const { return name_; }

  // At most `size` bytes, at least one; 0 at the end. Throws trace_error.
  std::size_t read(char* to, std::size_t size);

  // The first bytes, which read() will give again: `size` of them, or all there are. Before the first read.
  std::string_view peek(std::size_t size);

 private:
  std::size_t read_packed(char* to, std::size_t size);
  std::size_t read_unpacked(char* to, std::size_t size);
  void begin();

  std::string name_;
  std::string head_;  // bytes that were looked at and not yet given out
  std::size_t head_given_ = 0;
  std::string content_;
  std::size_t content_given_ = 0;
  int fd_ = -1;
  std::unique_ptr<inflater> inflater_;
};

}  // namespace gobench::detector::offline
