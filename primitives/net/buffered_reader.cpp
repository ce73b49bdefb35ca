#include "primitives/net/buffered_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace gobench::inline GOBENCH_FLAVOUR::net {

std::optional<std::string_view> buffered_reader::read_until(std::string_view mark) {
  std::size_t searched = 0;  // no mark begins before that, from begin_
  for (;;) {
    const std::string_view here(buffer_.data() + begin_, buffered());
    if (const std::size_t at = here.find(mark, searched); at != std::string_view::npos) {
      begin_ += at + mark.size();
      return here.substr(0, at + mark.size());
    }
    // A part of the mark may be there already.
    searched = here.size() - std::min(here.size(), mark.size() - 1);
    if (here.size() == buffer_.size())
      throw std::system_error(EMSGSIZE, std::generic_category(),
                              "reading from a stream: no end of the line in " +
                                  std::to_string(buffer_.size()) + " bytes");
    if (begin_ != 0) {
      std::memmove(buffer_.data(), here.data(), here.size());
      begin_ = 0;
      end_ = here.size();
    }
    const std::size_t got = from_->read(std::span(buffer_).subspan(end_));
    if (got == 0) {
      if (end_ == 0) return std::nullopt;
      throw end_error("reading from a stream");
    }
    end_ += got;
  }
}

std::size_t buffered_reader::read_full(std::span<char> into) {
  const std::size_t first = std::min(into.size(), buffered());
  std::copy_n(buffer_.data() + begin_, first, into.data());
  begin_ += first;
  return first + from_->read_full(into.subspan(first));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::net
