// A finding as plain text, for the exporters whose readers see it as it is.
#pragma once

#include <string>

#include "detector/findings/collection.hpp"
#include "detector/findings/places.hpp"

namespace gobench::detector::findings {

// Both accesses with their stacks, tasks and locks, the object and the advice; lines that end in \n.
std::string to_text(const entry& one, const places& where);

// "write of 4 bytes by thread worker", without what is not known.
std::string headline(const access& one);

}  // namespace gobench::detector::findings
