#include "detector/offline/std/std_locations.hpp"

namespace gobench::detector::offline {

namespace {

constexpr std::size_t most_digits = 9;  // less than 2^31 whatever they are
constexpr std::size_t overhead = 128;   // what a text costs besides its bytes

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::uint32_t std_locations::keep(std::string_view text) {
  text = trimmed(text);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (!text.empty() && text.size() <= most_digits && !leading_zero) {
    std::uint32_t number = 0;
    bool digits = true;
    for (const char c : text) {
      const auto digit = static_cast<std::uint32_t>(c) - '0';
      digits = digits && digit <= 9;
      number = number * 10 + digit;
    }
    if (digits) return number;
  }
  if (bytes_ > most_bytes) return unknown;
  const std::size_t before = texts_.size();
  const std::uint32_t number = texts_.number_of(text);
  if (texts_.size() > before) bytes_ += text.size() + overhead;
  return not_a_number | number;
}

std::string std_locations::text(std::uint32_t kept) const {
  if (kept == unknown) return "?";
  if ((kept & not_a_number) != 0) return texts_.text(kept & ~not_a_number);
  return std::to_string(kept);
}

std::string std_locations::remark() const {
  if (bytes_ <= most_bytes) return {};
  return "The trace has more different locations than are kept; those of later events are told as "
         "?.";
}

}  // namespace gobench::detector::offline
