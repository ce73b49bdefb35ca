#include "cli/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace gobench::cli {

stream_traits traits_of(int fd, color_choice chosen) {
  stream_traits found;
  found.terminal = ::isatty(fd) == 1;
  winsize size{};
  if (found.terminal && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    found.width = size.ws_col;
  }
  switch (chosen) {
    case color_choice::always:
      found.color = true;
      break;
    case color_choice::never:
      break;
    case color_choice::automatic: {
      const char* no_color = std::getenv("NO_COLOR");  // https://no-color.org: set and not empty
      const char* term = std::getenv("TERM");
      found.color = found.terminal && (no_color == nullptr || *no_color == '\0') &&
                    (term == nullptr || std::string_view(term) != "dumb");
      break;
    }
  }
  return found;
}

std::string painted(std::string_view text, std::string_view code, bool color) {
  return color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string wrapped(const std::string& text, const std::string& indent, std::size_t width) {
  std::istringstream in(text);
  std::string all;
  std::string line;
  for (std::string word; in >> word;) {
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > width) {
      all += indent + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? all : all + indent + line + "\n";
}

}  // namespace gobench::cli
