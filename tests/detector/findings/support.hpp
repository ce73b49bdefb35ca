// What the tests of findings share: lines as a checked program writes them, and a run to put them into.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "detector/findings/exporter.hpp"

namespace gobench::detector::findings::testing {

// A race with everything in it, in files below /shop.
nlohmann::ordered_json some_race(const std::string& fingerprint = "0123456789abcdef");

std::string line_of(const nlohmann::ordered_json& one);

// A run in /shop/build that has ended, or that still goes on.
run_facts some_run(bool complete = true);

// What the exporter of that name makes of it, the root of the sources being /shop.
std::string rendered(const std::string& exporter, const collection& found,
                     const run_facts& run = some_run());

// A baseline in which that finding is, accepted until then.
baseline accepting(const std::string& fingerprint, const std::string& expires);

}  // namespace gobench::detector::findings::testing
