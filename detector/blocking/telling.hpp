// From waits to findings.
#pragma once

#include "detector/blocking/obstacles.hpp"
#include "detector/report/raw_finding.hpp"

namespace gobench::detector::blocking {

// The task's wait as an access of the finding, with the locks that it holds. The task waits for as long as that takes.
// `who`: whom it waits for; null: not known.
void add_wait(raw_finding& finding, const task_state& task, const wait_seen& wait,
              const obstacle* who);

// What the calling task does, with the locks that it holds; and what a task has done before.
void add_call(raw_finding& finding, const task_state& task, operation what, address object,
              stack_id where);
void add_earlier_call(raw_finding& finding, const task_state& task, std::uint32_t number,
                      operation what, address object, stack_id where);
std::vector<raw_lock> locks_of(const task_state& task);

// True if it is new. Ends the process where that is asked for.
bool tell(raw_finding&& finding) noexcept;

// Whether the lock at that address is one of the library's.
bool is_of_library(address lock) noexcept;

std::int64_t now_ns() noexcept;

}  // namespace gobench::detector::blocking
