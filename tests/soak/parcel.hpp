// The payloads of the soak. Each carries a number, and those that are more than bytes count how many live.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace soak {

inline std::atomic<long> alive{0};

// Copied as bytes.
struct plain_parcel {
  explicit plain_parcel(std::uint64_t n) noexcept : number_(n) {}
  std::uint64_t number() const noexcept { return number_; }

 private:
  std::uint64_t number_;
};

// Moved by its move constructor, inside the channel.
class text_parcel {
 public:
  explicit text_parcel(std::uint64_t n)
      : text_(std::to_string(n) + (n % 2 == 0 ? std::string(30, ' ') : std::string())) {
    ++alive;
  }
  text_parcel(const text_parcel&) = delete;
  text_parcel(text_parcel&& other) noexcept : text_(std::move(other.text_)) { ++alive; }
  text_parcel& operator=(text_parcel&& other) noexcept = default;
  ~text_parcel() { --alive; }
  std::uint64_t number() const { return std::stoull(text_); }

 private:
  std::string text_;
};

// Its move may throw as far as the channel knows, so it travels in a box.
class boxed_parcel {
 public:
  explicit boxed_parcel(std::uint64_t n) : number_(n) { ++alive; }
  boxed_parcel(const boxed_parcel& other) : number_(other.number_) { ++alive; }
  boxed_parcel& operator=(const boxed_parcel&) = default;
  ~boxed_parcel() { --alive; }
  std::uint64_t number() const noexcept { return number_; }

 private:
  std::uint64_t number_;
};

}  // namespace soak
