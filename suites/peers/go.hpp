// Go as an implementation: variants whose work is done by the program in suites/peers/go/.
//
//   {.case_name = "counter", .impl = "go.mutex",
//    .run = peers::go("counter/mutex", "the counter"), .parameters = {"hold_ns"},
//    .vehicles = {results::vehicle::fiber}, .peer = "go"}
//
// Invariants
//  - The program is built from the sources in this binary, once for each version of them and of Go.
//  - There is one process for each number of processors, with that GOMAXPROCS from its start. It is started
//    when it is first needed and kept, so that its samples are taken in turn with ours; between samples it
//    waits for its next line and takes no CPU.
//  - It measures itself: wall time, and the CPU time of its own process. What is sent and built is outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "suites/registry.hpp"

namespace gobench::suites::peers {

// What the program's result must be after so many operations at this point.
using expectation = std::function<std::uint64_t(const point& where, std::uint64_t operations)>;

inline std::uint64_t one_each(const point&, std::uint64_t operations) { return operations; }

enum class process_use : std::uint8_t { kept, fresh };

// A variant's function: asks the program for `workload` with all parameters of the point. `proved` names
// its result in a proof that fails. With process_use::fresh the sample has a process of its own.
operation go(std::string workload, std::string proved, expectation expected = one_each,
             process_use use = process_use::kept);

}  // namespace gobench::suites::peers
