#include "results/internal/text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace gobench::results::internal {

std::string shortest(double number) {
  if (std::isnan(number)) return "";
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-5 && size < 1e17);
  std::array<char, 64> room{};
  const auto end = std::to_chars(room.data(), room.data() + room.size(), number,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {room.data(), end.ptr};
}

std::string to_text(const value& v) {
  if (const auto* whole = std::get_if<std::int64_t>(&v)) return std::to_string(*whole);
  if (const auto* real = std::get_if<double>(&v)) return shortest(*real);
  return std::get<std::string>(v);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

}  // namespace gobench::results::internal
