// What lies at an address, and who a task is, as findings say it.
#pragma once

#include "detector/engine/task_state.hpp"

namespace gobench::detector {

raw_task describe_task(const task_state& task);
// As of that clock value; the state may have been given to another since.
raw_task describe_task(const task_state& task, clock_value then);
// Fills finding.location, and adds to finding.tasks whom it names.
void locate(address where, raw_finding& finding);

}  // namespace gobench::detector
