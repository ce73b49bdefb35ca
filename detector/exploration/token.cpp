#include "detector/exploration/token.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>

namespace gobench::detector::exploration {

namespace {

constexpr std::string_view version = "x1-";
constexpr std::size_t build_digits = 8;
constexpr std::size_t check_digits = 4;

// Bits of the second byte: what deviates from the usual settings, and follows in this order.
constexpr std::uint64_t has_steps = 1;
constexpr std::uint64_t is_spurious = 2;
constexpr std::uint64_t has_accesses = 4;
constexpr std::uint64_t has_length = 8;
constexpr std::uint64_t has_hot = 16;

constexpr std::array<std::string_view, 4> access_modes = {"none", "conflicting", "all", "sampled"};
constexpr std::array<std::string_view, 4> strategies = {"follow", "random", "pct", "pos"};

std::string checksum(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return fmt::format("{:04x}", (hash >> 16) ^ (hash & 0xffff));
}

class writer {
 public:
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string base64() const {
    static constexpr char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string made;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : bytes_) {
      bits = bits << 8 | static_cast<unsigned char>(c);
      for (count += 8; count >= 6; count -= 6) made += digits[bits >> (count - 6) & 63];
    }
    if (count > 0) made += digits[bits << (6 - count) & 63];
    return made;
  }

 private:
  std::string bytes_;
};

[[noreturn]] void refuse() {
  throw bad_token(
      "The token says nothing that can be replayed; copy it whole, as gobench explore has printed "
      "it.");
}

class reader {
 public:
  explicit reader(std::string_view base64) {
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : base64) {
      bits = bits << 6 | digit(c);
      count += 6;
      if (count >= 8) {
        count -= 8;
        bytes_ += static_cast<char>(bits >> count & 0xff);
      }
    }
  }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) refuse();
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    refuse();
  }
  // Of something of which at least `size` bytes follow for each.
  std::size_t count(std::size_t size) {
    const std::uint64_t value = number();
    if (value > (bytes_.size() - at_) / size) refuse();
    return static_cast<std::size_t>(value);
  }
  bool at_end() const { return at_ == bytes_.size(); }

 private:
  static std::uint32_t digit(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
    if (c == '-') return 62;
    if (c == '_') return 63;
    refuse();
  }

  std::string bytes_;
  std::size_t at_ = 0;
};

template <std::size_t Size>
std::uint64_t index_in(const std::array<std::string_view, Size>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw std::invalid_argument("a plan that no token can tell");
  return static_cast<std::uint64_t>(found - names.begin());
}

template <std::size_t Size>
std::string_view name_of(const std::array<std::string_view, Size>& names, std::uint64_t index) {
  if (index >= Size) refuse();
  return names[index];
}

std::uint32_t thread_of(std::uint64_t value) {
  if (value > std::numeric_limits<std::uint16_t>::max()) refuse();
  return static_cast<std::uint32_t>(value);
}

}  // namespace

std::string to_token(const plan& one, std::string_view build) {
  writer out;
  const std::size_t colon = one.strategy.find(':');
  const std::string name = one.strategy.substr(0, colon);
  out.number(index_in(strategies, name));
  std::uint64_t parts = 0;
  if (one.steps != 0) parts |= has_steps;
  if (one.spurious) parts |= is_spurious;
  if (!one.accesses.empty()) parts |= has_accesses;
  if (one.length != 0) parts |= has_length;
  if (!one.hot.empty()) parts |= has_hot;
  out.number(parts);
  out.number(one.seed);
  out.number(one.schedule);
  if (name == "pct") out.number(std::stoull(one.strategy.substr(colon + 1)));
  if (one.steps != 0) out.number(one.steps);
  if (!one.accesses.empty()) out.number(index_in(access_modes, one.accesses));
  if (one.length != 0) out.number(one.length);
  if (!one.hot.empty()) {
    out.number(one.hot.size());
    std::uint64_t before = 0;
    for (const std::uint64_t offset : one.hot) {
      out.number(offset - before);
      before = offset;
    }
  }
  if (name == "follow") {
    out.number(one.deviations.size());
    for (const deviation& each : one.deviations) {
      out.number(each.where.thread);
      out.number(each.where.count);
      out.number(each.where.nth);
      out.number(each.choice);
    }
  }
  const std::string text = fmt::format("{}{}-{}", version, build, out.base64());
  return text + "-" + checksum(text);
}

token_parts read_token(std::string_view token) {
  if (token.size() < 2 || token[0] != 'x' || !std::isdigit(static_cast<unsigned char>(token[1]))) {
    throw bad_token(
        fmt::format("\"{}\" is no token; gobench explore prints one, such as "
                    "x1-0f3a9b21-AQMBEQ-5c1e, with each failing schedule.",
                    token));
  }
  if (!token.starts_with(version)) {
    throw bad_token(fmt::format(
        "The token {} is of another version of gobench; explore the program again.", token));
  }
  const std::size_t body = version.size() + build_digits + 1;
  if (token.size() < body + 1 + check_digits || token[body - 1] != '-' ||
      token[token.size() - check_digits - 1] != '-' ||
      token.substr(token.size() - check_digits) !=
          checksum(token.substr(0, token.size() - check_digits - 1))) {
    throw bad_token(fmt::format(
        "The token {} is not whole; copy all of it, as gobench explore has printed it.", token));
  }
  token_parts made;
  made.build = token.substr(version.size(), build_digits);
  reader in(token.substr(body, token.size() - check_digits - 1 - body));
  plan& what = made.what;
  what.strategy = name_of(strategies, in.number());
  const bool follows = what.strategy == "follow";
  const std::uint64_t parts = in.number();
  what.seed = in.number();
  what.schedule = in.number();
  if (what.strategy == "pct") what.strategy += fmt::format(":{}", in.number());
  if ((parts & has_steps) != 0) what.steps = in.number();
  what.spurious = (parts & is_spurious) != 0;
  if ((parts & has_accesses) != 0) what.accesses = name_of(access_modes, in.number());
  if ((parts & has_length) != 0) what.length = in.number();
  if ((parts & has_hot) != 0) {
    what.hot.resize(in.count(1));
    std::uint64_t before = 0;
    for (std::uint64_t& offset : what.hot) offset = before += in.number();
  }
  if (follows) {
    what.deviations.resize(in.count(4));
    for (deviation& each : what.deviations) {
      each.where.thread = thread_of(in.number());
      each.where.count = in.number();
      each.where.nth = in.number();
      each.choice = in.number();
    }
  }
  if (!in.at_end()) refuse();
  return made;
}

}  // namespace gobench::detector::exploration
