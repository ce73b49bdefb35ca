#include "results/table/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "results/statistics.hpp"

namespace gobench::results::table {

namespace {

// A control character, which printable() leaves in no text.
constexpr char unbreakable = '\x1f';

struct character {
  std::string_view bytes;
  std::uint32_t code = 0;
};

// The next character and its code point; a byte that is not UTF-8 stands for itself.
character next_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  std::size_t size = 1;
  std::uint32_t code = first;
  if (first >= 0xf0 && first < 0xf8) {
    size = 4;
    code = first & 0x07U;
  } else if (first >= 0xe0) {
    size = 3;
    code = first & 0x0fU;
  } else if (first >= 0xc0) {
    size = 2;
    code = first & 0x1fU;
  }
  if (size > text.size() || first >= 0xf8) return {text.substr(0, 1), first};
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0U) != 0x80) return {text.substr(0, 1), first};
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  return {text.substr(0, size), code};
}

std::vector<character> characters(std::string_view text) {
  std::vector<character> made;
  while (!text.empty()) {
    made.push_back(next_character(text));
    text.remove_prefix(made.back().bytes.size());
  }
  return made;
}

std::size_t width_of(const character& one) {
  // Unicode's East_Asian_Width W and F, in the ranges that contain them.
  static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> wide = {{
      {0x1100, 0x115f},
      {0x2e80, 0xa4cf},
      {0xac00, 0xd7a3},
      {0xf900, 0xfaff},
      {0xfe30, 0xfe6f},
      {0xff00, 0xff60},
      {0xffe0, 0xffe6},
      {0x1f300, 0x1faff},
      {0x20000, 0x3fffd},
  }};
  if (one.code >= 0x300 && one.code <= 0x36f) return 0;  // accents on the character before
  for (const auto& [first, last] : wide) {
    if (one.code >= first && one.code <= last) return 2;
  }
  return 1;
}

}  // namespace

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const character& one : characters(text)) width += width_of(one);
  return width;
}

std::string printable(std::string_view text) {
  std::string made;
  for (const character& one : characters(text)) {
    const bool control = one.code < 0x20 || (one.code >= 0x7f && one.code < 0xa0);
    // A single byte above ASCII is not UTF-8.
    const bool broken = one.bytes.size() == 1 && one.code >= 0x80;
    if (control || broken) {
      made += '?';
    } else {
      made += one.bytes;
    }
  }
  return made;
}

std::string pad_left(std::string_view text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(width > own ? width - own : 0, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  const std::size_t own = width_of(text);
  return std::string(text) + std::string(width > own ? width - own : 0, ' ');
}

std::string shortened(const std::string& text, std::size_t width) {
  if (width_of(text) <= width) return text;
  const std::vector<character> all = characters(text);
  // The end tells more than the beginning: it has the parameters.
  const std::size_t room = width - 1;
  const std::size_t of_tail = room / 2;
  std::string head;
  std::size_t used = 0;
  for (std::size_t i = 0; i < all.size() && used + width_of(all[i]) <= room - of_tail; ++i) {
    used += width_of(all[i]);
    head += all[i].bytes;
  }
  std::string tail;
  used = 0;
  for (std::size_t i = all.size(); i > 0 && used + width_of(all[i - 1]) <= of_tail; --i) {
    used += width_of(all[i - 1]);
    tail.insert(0, all[i - 1].bytes);
  }
  return head + "…" + tail;
}

std::string unbroken(std::string_view text) {
  std::string made(text);
  std::ranges::replace(made, ' ', unbreakable);
  return made;
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string made;
  std::string line;
  while (!text.empty()) {
    const auto end = text.find(' ');
    const std::string word = shortened(std::string(text.substr(0, end)), width - indent);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (width_of(line) > indent && width_of(line) + 1 + width_of(word) > width) {
      made += line + "\n";
      line = std::string(indent, ' ') + word;
    } else {
      if (!line.empty()) line += ' ';
      line += word;
    }
  }
  made += line + "\n";
  std::ranges::replace(made, unbreakable, ' ');
  return made;
}

std::string readable(double number) {
  const double size = std::abs(number);
  if (size < 0.0995) return fmt::format("{:.4f}", number);
  if (size < 0.9995) return fmt::format("{:.3f}", number);
  if (size < 9.995) return fmt::format("{:.2f}", number);
  if (size < 99.95) return fmt::format("{:.1f}", number);
  if (size >= 1e15) return fmt::format("{:.2e}", number);
  std::string digits = fmt::format("{:.0f}", number);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

time_unit unit_for(std::span<const double> times_ns) {
  static constexpr std::array<time_unit, 3> longer = {{{"s", 1e9}, {"ms", 1e6}, {"us", 1e3}}};
  const double middle = median(times_ns);
  const double smallest = quantile(times_ns, 0);
  for (const time_unit& unit : longer) {
    // 0.9995 is what readable() shows as 1.00.
    if (middle >= 0.9995 * unit.ns && smallest >= 0.1 * unit.ns) return unit;
  }
  return {"ns", 1};
}

}  // namespace gobench::results::table
