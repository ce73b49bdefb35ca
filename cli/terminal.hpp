// What is at the other end of a stream, and what may be written to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gobench::cli {

enum class color_choice { automatic, always, never };

// Columns of a line where there is no terminal to ask.
inline constexpr unsigned usual_width = 100;

struct stream_traits {
  bool terminal = false;
  unsigned width = usual_width;
  bool color = false;
};

// `fd` is 1 or 2. Automatic colour: a terminal, no NO_COLOR in the environment, TERM not "dumb".
stream_traits traits_of(int fd, color_choice chosen);

// `text` in a colour ("31" red, "32" green, "33" yellow, "1" bold), or as it is.
std::string painted(std::string_view text, std::string_view code, bool color);

// The words of `text` in lines of at most `width` columns, each after `indent`.
std::string wrapped(const std::string& text, const std::string& indent, std::size_t width);

}  // namespace gobench::cli
