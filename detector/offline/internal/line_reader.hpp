// Lines out of a fixed buffer, so that memory does not depend on the length of the trace.
//
// Invariants: [unread, end) is what was read and not yet given out; whole lines in it end before
// `last_line_end`; behind `end` lie scan_padding readable bytes. Pointers into a line hold until refill().
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/internal/scan.hpp"

namespace gobench::detector::offline {

class line_reader {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;

  explicit line_reader(std::unique_ptr<byte_input> input);

  struct line {
    const char* begin;
    const char* end;  // without the line's end
  };

  // Whether there is a whole line in the buffer; then it is the next one.
  bool take(line& next) {
    if (unread_ == last_line_end_) return false;
    const char* const end = find_byte(unread_, last_line_end_, '\n');
    next = {unread_, end};
    take_until(end);
    return true;
  }

  // The same, for a caller that finds the line's end itself: where the next line starts, null when there is
  // none; then where it ends.
  const char* peek() const { return unread_ == last_line_end_ ? nullptr : unread_; }
  const char* limit() const { return last_line_end_; }
  void take_until(const char* line_end) {
    unread_ += line_end - unread_ + 1;
    ++number_;
  }

  // Reads on; false at the end of the trace. Throws trace_error.
  bool refill();

  // Says that the line that was taken last is too long.
  [[noreturn]] void refuse_length() const { refuse_length(number_); }

  // Of the line that was taken last, from 1.
  std::uint64_t number() const { return number_; }
  const std::string& name() const { return input_->name(); }
  const char* buffer() const { return buffer_.get(); }

 private:
  static constexpr std::size_t capacity = 256 * 1024;

  [[noreturn]] void refuse_length(std::uint64_t which) const;
  void refuse_zero_bytes(const char* from, const char* to) const;

  std::unique_ptr<byte_input> input_;
  std::unique_ptr<char[]> buffer_;
  char* unread_;
  char* end_;
  char* last_line_end_;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace gobench::detector::offline
