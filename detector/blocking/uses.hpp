// Who has used a channel or a wait_group last: for reports of who waits there, and for misuse.
#pragma once

#include "detector/engine/sync_object.hpp"
#include "detector/report/raw_finding.hpp"

namespace gobench::detector::blocking {

struct channel_use {
  operation what = operation::send_channel;
  use_record::use by;  // of nobody: it was not used so
};

// What a waiting sender should know of the other end (the last receive), and a waiting receiver (the close or last send).
channel_use last_use(address channel, bool by_receivers) noexcept;

}  // namespace gobench::detector::blocking
