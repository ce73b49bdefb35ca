// What a channel throws when it is used against its rules.
#pragma once

#include "runtime/errors.hpp"
#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// A send to a closed channel (in every form: also from a send or select that was parked when the
// close came), a second close, or the close of a nil channel.
class channel_error : public misuse {
 public:
  enum reason { send_on_closed, close_of_closed, close_of_nil };

  explicit channel_error(reason which) : misuse(sentence(which)), kind_(which) {}

  // Which rule was broken: `e.kind() == channel_error::send_on_closed`.
  reason kind() const noexcept { return kind_; }

 private:
  static const char* sentence(reason which) noexcept;

  reason kind_;
};

}  // namespace gobench::inline GOBENCH_FLAVOUR
