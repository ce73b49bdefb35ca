// Peers: what others offer for the same work, as implementations in the same table.
//
// A peer takes part when it is asked for by name (`gobench run SUITE --peer go,boost`), because it multiplies
// the time of a run. Its variants say so (`variant::peer`), and are planned only then. There are two kinds:
//   Go         a program of its own, built by the user's `go` before the run (suites/peers/go.hpp)
//   libraries  in this process; found when gobench is built (cmake/gobench_cxx_peers.cmake), and left out
//              of it where they are not installed
#pragma once

#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::suites {

// A peer that cannot be used on this machine. what() is a sentence that says how to get it.
struct peer_missing : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct peer {
  std::string name;   // "go"; its implementations are called go.*
  std::string about;  // one line for `gobench list`
  // The version that is installed, or built in; empty when there is none.
  std::function<std::string()> version;
  // Gets it ready to be measured: builds it where that was not done before, after telling `note` in a
  // sentence. Throws peer_missing.
  std::function<void(const std::function<void(const std::string&)>& note)> prepare;
  // "not installed", "not built in: ...": what is said where there is no version.
  std::string absent;
};

// All peers, sorted by name.
std::span<const peer> all_peers();

// Null when there is none of this name.
const peer* find_peer(std::string_view name);

namespace peers {

// A library that gobench was built with, or could have been.
struct library {
  std::string_view name;
  std::string_view about;
  std::string_view version;  // empty: it was not found, or not wanted
  std::string_view package;  // of Debian
};

// Those of cmake/gobench_cxx_peers.cmake, from a generated file.
std::span<const library> libraries();

// As a peer.
peer peer_of(const library& one);

}  // namespace peers

}  // namespace gobench::suites
