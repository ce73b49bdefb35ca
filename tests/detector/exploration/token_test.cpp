#include "detector/exploration/token.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace gobench::detector::exploration;

std::string complaint(const std::string& token) {
  try {
    read_token(token);
  } catch (const bad_token& bad) {
    return bad.what();
  }
  return "";
}

TEST(token, says_what_it_was_told) {
  plan deviating;
  deviating.deviations = {
      {{0, 0, 0}, 1}, {{1, 300, 0}, 2}, {{2, 5, 1}, 70000}, {{0xffff, 1, 0}, 0xffff}};
  plan sampled;
  sampled.strategy = "pct:17";
  sampled.seed = ~0ull;
  sampled.schedule = 123456789;
  sampled.length = 4711;
  sampled.steps = 5;
  sampled.spurious = true;
  sampled.accesses = "all";
  sampled.hot = {1, 0x1234, 0x123456};
  plan random;
  random.strategy = "random";
  plan pos;
  pos.strategy = "pos";
  for (const plan& one : {plan{}, deviating, sampled, random, pos}) {
    const std::string token = to_token(one, "0f3a9b21");
    EXPECT_TRUE(token.starts_with("x1-0f3a9b21-")) << token;
    const token_parts read = read_token(token);
    EXPECT_EQ(read.build, "0f3a9b21");
    EXPECT_EQ(read.what, one) << token;
  }
  EXPECT_LT(to_token(deviating, "0f3a9b21").size(), 60u);
}

TEST(token, what_is_none_is_refused_with_a_sentence) {
  EXPECT_NE(complaint("./app").find("\"./app\" is no token"), std::string::npos);
  EXPECT_NE(complaint("").find("is no token"), std::string::npos);
  EXPECT_NE(complaint("x2-0f3a9b21-AQ-0000").find("another version"), std::string::npos);
  EXPECT_NE(complaint("x1-").find("not whole"), std::string::npos);
  const std::string good = to_token(plan{}, "0f3a9b21");
  for (std::size_t size = 3; size < good.size(); ++size)
    EXPECT_NE(complaint(good.substr(0, size)).find("not whole"), std::string::npos) << size;
  for (std::size_t at = 3; at < good.size(); ++at) {
    std::string other = good;
    other[at] = other[at] == 'A' ? 'B' : 'A';
    EXPECT_NE(complaint(other), "") << other;
  }
  EXPECT_NE(complaint(good + "A"), "");
}

// A checksum that is right does not make the rest so.
TEST(token, nonsense_with_a_right_checksum_is_refused) {
  const auto sealed = [](const std::string& body) {
    const std::string text = "x1-00000000-" + body;
    std::uint32_t hash = 2166136261u;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    char digits[8];
    std::snprintf(digits, sizeof digits, "%04x", (hash >> 16) ^ (hash & 0xffff));
    return text + "-" + digits;
  };
  for (const char* body :
       {"", "A", "_w", "BwAA", "AAAA", "AAABAP____8P", "AAABAP7-_v7-_v7-_v4B", "!!!!", "AABB"})
    EXPECT_NE(complaint(sealed(body)).find("nothing that can be replayed"), std::string::npos)
        << body;
}

}  // namespace
