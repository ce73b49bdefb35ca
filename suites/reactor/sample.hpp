// One sample: a server in a process of its own, and the client in another.
#pragma once

#include <cstdint>
#include <memory>

#include "suites/reactor/protocol.hpp"
#include "suites/reactor/servers.hpp"
#include "suites/registry.hpp"

namespace gobench::suites::reactor {

measurement take_sample(const point& where, std::uint64_t requests, const protocol& speaks,
                        std::unique_ptr<server> (*make)());

// How many connections one process may have here at most: the hard limit on open files, less what it needs otherwise.
std::uint64_t most_connections();

}  // namespace gobench::suites::reactor
