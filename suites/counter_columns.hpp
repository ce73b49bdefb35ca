// The runtime's counters as columns of the results.
#pragma once

#include "results/record.hpp"
#include "runtime/counters.hpp"

namespace gobench::suites {

// Adds the columns: after all others.
void add_counter_columns(results::schema& to);

// What the runtime did during a sample. On OS threads only what the runtime takes part in there.
void add_counters(results::fields& to, const runtime_counters& counted, results::vehicle on);

}  // namespace gobench::suites
