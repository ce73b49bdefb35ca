#include "primitives/channel_error.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

const char* channel_error::sentence(reason which) noexcept {
  switch (which) {
    case send_on_closed:
      return "send on a closed channel: close it only after the last send, best by the task that "
             "sends";
    case close_of_closed:
      return "close of a closed channel: let exactly one task close it, once";
    case close_of_nil:
      return "close of a nil channel: make the channel with make_chan first";
  }
  return "misuse of a channel";
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
