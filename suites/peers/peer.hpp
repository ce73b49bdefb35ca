// Peers: what others offer for the same work, as implementations in the same table.
//
// A peer is asked for by name (`gobench run SUITE --peer go`), because it has to be built first and doubles
// the time of a run. Its variants say so (`variant::peer`), and are planned only then.
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gobench::suites {

// A peer that cannot be used on this machine. what() is a sentence that says how to get it.
struct peer_missing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct peer {
  std::string name;   // "go"; its implementations are called go.*
  std::string about;  // one line for `gobench list`
  // The version that is installed; empty when there is none.
  std::function<std::string()> version;
  // Gets it ready to be measured: builds it where that was not done before, after telling `note` in a
  // sentence. Throws peer_missing.
  std::function<void(const std::function<void(const std::string&)>& note)> prepare;
};

// All peers, sorted by name.
std::span<const peer> all_peers();

// Null when there is none of this name.
const peer* find_peer(std::string_view name);

}  // namespace gobench::suites
