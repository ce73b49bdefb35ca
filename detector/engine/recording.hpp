// `gobench race --record FILE`: what the tasks do goes into a file as well (docs/traces.md), in one order.
//
// The order is that of the effects: accesses are written by their task, in its own order; what concerns an object is
// written while the object is locked. What the detector skips is not in the file: accesses that an earlier one of the
// same epoch covers, and all that a task ignores.
//
// Objects are named by their address. Those that have none are named by numbers above all addresses: what shared
// holders of a lock published, and what a task's fences keep.
#pragma once

#include "detector/engine/cell.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector::recording {

extern bool on;

// After start-up has made the main task. Ends the process with a sentence if the file cannot be written.
void start(const char* path) noexcept;
void stop() noexcept;
void after_fork_in_child() noexcept;
void modules_changed() noexcept;

enum class step : std::uint8_t { acquire, release, release_merge, forget };

inline constexpr std::uint64_t shared_holders(address lock) noexcept {
  return lock | std::uint64_t{1} << 63;
}
inline std::uint64_t acquire_fence(const task_state& task) noexcept {
  return std::uint64_t{task.number} << 8 | std::uint64_t{1} << 62;
}
inline std::uint64_t release_fence(const task_state& task) noexcept {
  return acquire_fence(task) | 1;
}
inline std::uint64_t switch_of(const task_state& task) noexcept { return acquire_fence(task) | 2; }

namespace internal {
void access(const task_state& task, cell kind, address where, std::size_t size,
            address pc) noexcept;
void sync(const task_state& task, step what, std::uint64_t object) noexcept;
void transfer(const task_state& task, std::uint64_t from, std::uint64_t to, bool merge) noexcept;
void fork(const task_state& parent, const task_state& child) noexcept;
void join(const task_state& task, const task_state& child) noexcept;
void end(const task_state& task) noexcept;
void name(const task_state& task) noexcept;
void fresh(const task_state& task, address low, std::size_t size) noexcept;
void freed(const task_state& task, address low, std::size_t size, address pc) noexcept;
}  // namespace internal

// Only the flags of `kind` count.
inline void access(const task_state& task, cell kind, address where, std::size_t size,
                   address pc) noexcept {
  if (__builtin_expect(on, 0)) internal::access(task, kind, where, size, pc);
}
inline void sync(const task_state& task, step what, std::uint64_t object) noexcept {
  if (__builtin_expect(on, 0)) internal::sync(task, what, object);
}
inline void transfer(const task_state& task, std::uint64_t from, std::uint64_t to,
                     bool merge) noexcept {
  if (__builtin_expect(on, 0)) internal::transfer(task, from, to, merge);
}
inline void fork(const task_state& parent, const task_state& child) noexcept {
  if (__builtin_expect(on, 0)) internal::fork(parent, child);
}
inline void join(const task_state& task, const task_state& child) noexcept {
  if (__builtin_expect(on, 0)) internal::join(task, child);
}
inline void end(const task_state& task) noexcept {
  if (__builtin_expect(on, 0)) internal::end(task);
}
inline void name(const task_state& task) noexcept {
  if (__builtin_expect(on, 0)) internal::name(task);
}
inline void fresh(const task_state& task, address low, std::size_t size) noexcept {
  if (__builtin_expect(on, 0)) internal::fresh(task, low, size);
}
inline void freed(const task_state& task, address low, std::size_t size, address pc) noexcept {
  if (__builtin_expect(on, 0)) internal::freed(task, low, size, pc);
}

}  // namespace gobench::detector::recording
