// Whether the suite priority-inversion can be measured here.
#pragma once

namespace gobench::suites {

// Whether the kernel lets this process have threads with the policy SCHED_FIFO.
bool real_time_permitted();

}  // namespace gobench::suites
