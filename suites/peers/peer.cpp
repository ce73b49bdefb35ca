#include "suites/peers/peer.hpp"

#include <algorithm>
#include <vector>

#include "suites/peers/go_program.hpp"

namespace gobench::suites {

std::span<const peer> all_peers() {
  static const std::vector<peer> peers = {
      {.name = "go",
       .about = "goroutines, channels and locks of Go",
       .version = peers::go_version,
       .prepare = [](const auto& note) { peers::build_go_program(note); }},
  };
  return peers;
}

const peer* find_peer(std::string_view name) {
  const auto found = std::ranges::find(all_peers(), name, &peer::name);
  return found == all_peers().end() ? nullptr : &*found;
}

}  // namespace gobench::suites
