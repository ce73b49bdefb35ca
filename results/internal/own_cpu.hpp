// CPU time of this process and of those it started.
#pragma once

namespace gobench::results::internal {

// In seconds since they were started: all threads, children that have ended and been waited for, and children that
// run, as far as /proc tells.
double own_cpu_seconds();

}  // namespace gobench::results::internal
