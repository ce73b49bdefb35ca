// Call stacks as numbers: a tree in which each node is a program counter and the stack it was called from.
//
// A frame of the shadow stack remembers its node once it was asked for, so naming a stack costs one look-up per frame
// that is new since the last time, not one per frame. Nodes are never freed.
#pragma once

#include <cstdint>
#include <vector>

#include "detector/engine/layout.hpp"

namespace gobench::detector {

struct task_state;

using stack_id = std::uint32_t;  // 0: no stack

void reserve_depot() noexcept;
// The task's present stack with `pc` (if not 0) innermost.
stack_id stack_of(task_state& task, address pc) noexcept;
// `outer` with `pc` innermost.
stack_id stack_with(stack_id outer, address pc) noexcept;
// Innermost first.
std::vector<address> stack_at(stack_id id);

}  // namespace gobench::detector
