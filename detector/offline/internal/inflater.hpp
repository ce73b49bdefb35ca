// zlib as a filter: packed bytes come from a function, unpacked ones go where the caller says.
#pragma once

#include <zlib.h>

#include <array>
#include <cstddef>
#include <functional>
#include <string>

namespace gobench::detector::offline {

class inflater {
 public:
  // `more` gives at most so many packed bytes, 0 at the end. `name` is for messages.
  inflater(std::string name, std::function<std::size_t(char*, std::size_t)> more);
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  ~inflater();

  // At most `size` bytes, at least one; 0 at the end. Throws trace_error where the data is cut off or broken.
  std::size_t read(char* to, std::size_t size);

 private:
  void fill();
  bool next_member();

  std::string name_;
  std::function<std::size_t(char*, std::size_t)> more_;
  std::array<char, 64 * 1024> packed_;
  z_stream stream_{};
  bool ended_ = false;
};

}  // namespace gobench::detector::offline
