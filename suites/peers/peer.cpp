#include "suites/peers/peer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "suites/peers/go_program.hpp"

namespace gobench::suites {

namespace peers {

peer peer_of(const library& one) {
  return {.name = std::string(one.name),
          .about = std::string(one.about),
          .version = [version = std::string(one.version)] { return version; },
          .prepare =
              [one](const auto&) {
                if (!one.version.empty()) return;
                throw peer_missing(fmt::format(
                    "The peer {} is not built in: install {} (./scripts/bootstrap --for peers "
                    "installs those of all peers), build gobench again and run this again.",
                    one.name, one.package));
              },
          .absent = fmt::format("not built in: install {} and build again", one.package)};
}

}  // namespace peers

std::span<const peer> all_peers() {
  static const std::vector<peer> all = [] {
    std::vector<peer> made = {{.name = "go",
                               .about = "goroutines, channels and locks of Go",
                               .version = peers::go_version,
                               .prepare = [](const auto& note) { peers::build_go_program(note); },
                               .absent = "not installed"}};
    for (const peers::library& one : peers::libraries()) made.push_back(peers::peer_of(one));
    std::ranges::sort(made, {}, &peer::name);
    return made;
  }();
  return all;
}

const peer* find_peer(std::string_view name) {
  const auto found = std::ranges::find(all_peers(), name, &peer::name);
  return found == all_peers().end() ? nullptr : &*found;
}

}  // namespace gobench::suites
