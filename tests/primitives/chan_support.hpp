// What the tests of channels share: seeing who waits without waiting for time to pass, and payloads that
// count themselves.
#pragma once

#include <atomic>
#include <cstddef>
#include <gobench.hpp>
#include <stdexcept>

// Lets others run until the condition holds. A condition that never holds is a test that times out.
template <class Condition>
void until(Condition condition) {
  while (!condition()) gobench::yield();
}

// How many stand in a channel's queue of senders or receivers.
template <class Channel>
std::size_t waiting_senders(const Channel& channel) {
  auto* core = core_of(channel);
  core->lock();
  const std::size_t n = core->senders().length();
  core->unlock();
  return n;
}
template <class Channel>
std::size_t waiting_receivers(const Channel& channel) {
  auto* core = core_of(channel);
  core->lock();
  const std::size_t n = core->receivers().length();
  core->unlock();
  return n;
}

// A payload whose living objects are counted; -1 when moved from.
class counted {
 public:
  explicit counted(int n) noexcept : value(n) { ++alive; }
  counted(const counted& other) noexcept : value(other.value) { ++alive; }
  counted(counted&& other) noexcept : value(std::exchange(other.value, -1)) { ++alive; }
  counted& operator=(const counted&) = default;
  counted& operator=(counted&& other) noexcept {
    value = std::exchange(other.value, -1);
    return *this;
  }
  ~counted() {
    if (check != this) std::terminate();  // destroyed twice, or never made
    check = nullptr;
    --alive;
  }

  int value;
  const counted* check = this;
  static inline std::atomic<int> alive{0};
};
