// Reading what ends with a mark: lines, headers.
//
//   gobench::net::buffered_reader in(connection);
//   while (auto line = in.read_until("\n")) handle(*line);
//
// Invariant: what was read from the stream and not given out yet is buffer_[begin_, end_). So once there is a reader, all
// reading of the stream goes through it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "primitives/net/stream.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::net {

// Of one task at a time. The stream has to outlive it.
class buffered_reader {
 public:
  // Takes `most` bytes at once, which is also the longest that read_until() finds.
  explicit buffered_reader(stream& from, std::size_t most = 4096) : from_(&from), buffer_(most) {}

  // Up to and including the mark, which is not empty; a view that is good until the next call. nullopt when the stream
  // has ended before the first byte. Throws end_error when it ends before the mark, std::system_error EMSGSIZE when the
  // mark is not among the first `most` bytes, and what stream::read() throws.
  std::optional<std::string_view> read_until(std::string_view mark);

  // Reads until `into` is full or the stream ends; returns how many bytes that were.
  std::size_t read_full(std::span<char> into);

  // How many bytes are here without reading the stream.
  std::size_t buffered() const noexcept { return end_ - begin_; }

 private:
  stream* from_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
