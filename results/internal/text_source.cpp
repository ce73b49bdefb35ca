#include "results/internal/text_source.hpp"

#include <fmt/format.h>

#include <istream>
#include <system_error>
#include <utility>

#include "results/reader.hpp"

namespace gobench::results::internal {

namespace {

constexpr std::size_t chunk_size = std::size_t{64} << 10;

}  // namespace

text_source::text_source(std::istream& in, std::string name) : in_(in), name_(std::move(name)) {
  refill();
  if (chunk_.starts_with("\xef\xbb\xbf")) at_ = 3;
  if (chunk_.starts_with("\xff\xfe") || chunk_.starts_with("\xfe\xff")) {
    throw malformed_file(fmt::format("{}:1: The file is in UTF-16; save it as UTF-8.", name_));
  }
}

bool text_source::refill() {
  chunk_.resize(chunk_size);
  in_.read(chunk_.data(), static_cast<std::streamsize>(chunk_size));
  chunk_.resize(static_cast<std::size_t>(in_.gcount()));
  at_ = 0;
  if (in_.bad()) {
    throw std::system_error(std::make_error_code(std::errc::io_error), name_);
  }
  return !chunk_.empty();
}

bool text_source::next_line(std::string& line) {
  line.clear();
  bool any = false;
  for (;;) {
    if (at_ == chunk_.size() && !refill()) break;
    if (!any) ++line_;
    any = true;
    const std::size_t end = chunk_.find('\n', at_);
    const std::size_t stop = end == std::string::npos ? chunk_.size() : end;
    line.append(chunk_, at_, stop - at_);
    at_ = stop;
    if (line.size() > longest_piece) {
      fail("The line is longer than 1 MiB, which no result is; give a result file.");
    }
    if (end != std::string::npos) {
      ++at_;
      ended_ = true;
      return true;
    }
  }
  ended_ = !any;
  return any;
}

int text_source::next_character() {
  if (at_ == chunk_.size() && !refill()) return -1;
  const char next = chunk_[at_++];
  if (ended_) ++line_;
  ended_ = next == '\n';
  return static_cast<unsigned char>(next);
}

void text_source::fail(const std::string& sentence) const {
  throw malformed_file(fmt::format("{}:{}: {}", name_, line_ == 0 ? 1 : line_, sentence));
}

}  // namespace gobench::results::internal
