// A library as a peer, built in or not.
#include "suites/peers/peer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace {

using namespace gobench::suites;

const auto ignore = [](const std::string&) {};

TEST(peer, a_library_that_is_not_built_in_says_how_to_get_it) {
  const peer absent = peers::peer_of({"tbb", "tasks of oneTBB", "", "libtbb-dev"});
  EXPECT_EQ(absent.version(), "");
  EXPECT_EQ(absent.absent, "not built in: install libtbb-dev and build again");
  try {
    absent.prepare(ignore);
    FAIL() << "it was taken for one that is there";
  } catch (const peer_missing& missing) {
    EXPECT_STREQ(
        missing.what(),
        "The peer tbb is not built in: install libtbb-dev (./scripts/bootstrap --for peers "
        "installs those of all peers), build gobench again and run this again.");
  }
}

TEST(peer, a_library_that_is_built_in_needs_no_preparation) {
  const peer there = peers::peer_of({"tbb", "tasks of oneTBB", "2021.8.0", "libtbb-dev"});
  EXPECT_EQ(there.version(), "2021.8.0");
  EXPECT_NO_THROW(there.prepare(ignore));
}

TEST(peer, all_are_known_by_name_whether_built_in_or_not) {
  for (const char* name : {"absl", "boost", "go", "moodycamel", "nsync", "tbb"}) {
    EXPECT_NE(find_peer(name), nullptr) << name;
  }
  EXPECT_EQ(find_peer("rust"), nullptr);
  EXPECT_TRUE(std::ranges::is_sorted(all_peers(), {}, &peer::name));
}

}  // namespace
