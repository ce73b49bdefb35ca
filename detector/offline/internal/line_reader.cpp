#include "detector/offline/internal/line_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "detector/offline/trace_error.hpp"

namespace gobench::detector::offline {

line_reader::line_reader(std::unique_ptr<byte_input> input)
    : input_(std::move(input)),
      buffer_(new char[capacity + scan_padding]()),
      unread_(buffer_.get()),
      end_(buffer_.get()),
      last_line_end_(buffer_.get()) {}

void line_reader::refuse_zero_bytes(const char* from, const char* to) const {
  const void* const zero = std::memchr(from, 0, static_cast<std::size_t>(to - from));
  if (zero == nullptr) return;
  const auto before =
      std::count(static_cast<const char*>(unread_), static_cast<const char*>(zero), '\n');
  throw trace_error(
      fmt::format("{}:{}: expected text, found a byte of value 0; is this file a trace?", name(),
                  number_ + 1 + static_cast<std::uint64_t>(before)));
}

void line_reader::refuse_length(std::uint64_t which) const {
  throw trace_error(fmt::format(
      "{}:{}: expected a line of at most {} bytes, and this one is longer; is this file a trace?",
      name(), which, longest_line));
}

bool line_reader::refill() {
  if (ended_) return false;
  const auto rest = static_cast<std::size_t>(end_ - unread_);
  std::memmove(buffer_.get(), unread_, rest);
  unread_ = buffer_.get();
  end_ = unread_ + rest;
  last_line_end_ = unread_;
  while (last_line_end_ == unread_) {
    if (static_cast<std::size_t>(end_ - unread_) > longest_line) {
      refuse_length(number_ + 1);
    }
    const std::size_t room = capacity - 1 - static_cast<std::size_t>(end_ - buffer_.get());
    const std::size_t count = input_->read(end_, room);
    if (count == 0) {
      ended_ = true;
      if (end_ == unread_) return false;
      *end_++ = '\n';  // the last line need not end
      last_line_end_ = end_;
      break;
    }
    refuse_zero_bytes(end_, end_ + count);
    end_ += count;
    const void* const last = memrchr(end_ - count, '\n', count);
    if (last != nullptr) last_line_end_ = end_ - (end_ - static_cast<const char*>(last)) + 1;
  }
  // A byte order mark, which some editors put before the text.
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (number_ == 0 && std::string_view{unread_, end_}.starts_with(mark)) unread_ += mark.size();
  return true;
}

}  // namespace gobench::detector::offline
