// Ascending numbers, as many as there are: differences in a few bytes each, in memory up to a limit and
// beyond it in a temporary file. So what is kept in memory does not depend on the length of a trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

namespace gobench::detector::offline {

class number_log {
 public:
  explicit number_log(std::size_t bytes_in_memory = std::size_t{1} << 20)
      : limit_(bytes_in_memory) {}

  // `number` is greater than the last. Throws trace_error when the temporary file cannot be written.
  void add(std::uint64_t number) {
    std::uint64_t rest = number - last_;
    last_ = number;
    ++count_;
    while (rest >= 0x80) {
      bytes_.push_back(static_cast<unsigned char>(rest | 0x80));
      rest >>= 7;
    }
    bytes_.push_back(static_cast<unsigned char>(rest));
    if (bytes_.size() >= limit_) spill();
  }

  std::uint64_t count() const { return count_; }

  // In order; `visit` is called for each. Throws trace_error.
  void each(const std::function<void(std::uint64_t)>& visit) const;

 private:
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void spill();

  std::size_t limit_;
  std::vector<unsigned char> bytes_;  // what follows the file
  std::unique_ptr<std::FILE, closer> file_;
  std::uint64_t last_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace gobench::detector::offline
