// Suites that come in a shared object, whose static objects register them while it is loaded (cli/plugins.hpp).
#pragma once

#include <cstddef>
#include <functional>

namespace gobench::suites {

// Calls load(), in which suites register themselves: out of dlopen() nothing may be thrown, so registration and
// more_variants keep what they have to say. Returns how many of them there were; throws std::logic_error with the first
// sentence that was kept, and what load() throws. One call at a time.
std::size_t registered_by(const std::function<void()>& load);

}  // namespace gobench::suites
