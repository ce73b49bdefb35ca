// Who opened a file descriptor.
#pragma once

#include "detector/engine/depot.hpp"

namespace gobench::detector {

struct opened_descriptor {
  std::uint32_t task = 0;  // task_state::number; 0: nobody that is known
  stack_id stack = 0;
};
opened_descriptor who_opened(int fd) noexcept;

}  // namespace gobench::detector
