// What is in the messages, so that one that was lost, repeated, mixed up or torn is noticed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gobench::suites::ipc {

// A message has its number at its beginning and, when there is room for two, at its end: the lowest bytes of it where it
// is shorter. Between them each byte follows from its place.
class content {
 public:
  static constexpr std::size_t widest = sizeof(std::uint64_t);

  static void fill(std::span<std::byte> message) noexcept {
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = at(i);
  }

  static void number(std::span<std::byte> message, std::uint64_t n) noexcept {
    const std::size_t width = std::min(widest, message.size());
    std::memcpy(message.data(), &n, width);
    if (ends_too(message.size())) std::memcpy(message.data() + message.size() - widest, &n, widest);
  }

  // Whether it is the message with this number; looks at its two ends.
  static bool is(std::span<const std::byte> message, std::uint64_t n) noexcept {
    const std::size_t width = std::min(widest, message.size());
    return std::memcmp(message.data(), &n, width) == 0 &&
           (!ends_too(message.size()) ||
            std::memcmp(message.data() + message.size() - widest, &n, widest) == 0);
  }

  // Looks at every byte, which takes longer than sending it may: for the first and the last message of a sample.
  static bool is_wholly(std::span<const std::byte> message, std::uint64_t n) noexcept {
    if (!is(message, n)) return false;
    const std::size_t end = ends_too(message.size()) ? message.size() - widest : message.size();
    for (std::size_t i = widest; i < end; ++i) {
      if (message[i] != at(i)) return false;
    }
    return true;
  }

 private:
  static constexpr bool ends_too(std::size_t size) noexcept { return size >= 2 * widest; }
  static constexpr std::byte at(std::size_t i) noexcept {
    return static_cast<std::byte>((i * 37 + (i >> 8U) + 11) & 0xffU);
  }
};

}  // namespace gobench::suites::ipc
