#include "detector/report/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "tests/detector/report/samples.hpp"

namespace gobench::detector::reporting {
namespace {

using nlohmann::json;

TEST(line_of_a_finding, is_one_line_of_json_with_all_there_is) {
  const std::string line = json_of(sample());
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const json all = json::parse(line);
  EXPECT_EQ(all["kind"], "data-race");
  EXPECT_EQ(all["type"], "data race");
  EXPECT_EQ(all["fingerprint"], fingerprint_text(sample().fingerprint));
  EXPECT_TRUE(all["suppressed_by"].is_null());
  ASSERT_EQ(all["accesses"].size(), 2u);
  const json& write = all["accesses"][0];
  EXPECT_EQ(write["op"], "write");
  EXPECT_EQ(write["size"], 4);
  EXPECT_EQ(write["address"], "0x7b0400000018");
  EXPECT_EQ(write["task"]["id"], 2);
  EXPECT_EQ(write["task"]["name"], "worker");
  EXPECT_EQ(write["task"]["kind"], "thread");
  EXPECT_EQ(write["task"]["born"][1]["line"], 40);
  EXPECT_EQ(write["stack"][0], (json{{"function", "shop::bump(shop::counter&, int)"},
                                     {"file", "/src/app.cpp"},
                                     {"line", 12},
                                     {"column", 9},
                                     {"module", "/home/user/shop/app"},
                                     {"offset", "0x1234"},
                                     {"inlined", true}}));
  EXPECT_EQ(write["locks"][0]["name"], "M1");
  EXPECT_EQ(write["locks"][0]["mode"], "exclusive");
  EXPECT_EQ(write["locks"][0]["stack"].size(), 2u);
  EXPECT_EQ(all["accesses"][1]["locks"].size(), 0u);
  EXPECT_EQ(all["object"]["kind"], "heap");
  EXPECT_EQ(all["object"]["size"], 12);
  EXPECT_EQ(all["object"]["offset"], 8);
  EXPECT_EQ(all["object"]["stack"].size(), 2u);
  EXPECT_EQ(all["advice"], sample().advice);
  EXPECT_TRUE(std::regex_match(all["time"].get<std::string>(),
                               std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)")));
}

TEST(line_of_a_finding, names_what_suppressed_it) {
  finding what = sample();
  what.suppressed_by = "race:bump";
  EXPECT_EQ(json::parse(json_of(what))["suppressed_by"], "race:bump");
}

TEST(lines_of_events, are_json) {
  EXPECT_EQ(json::parse(start_line("/bin/a \"b\""))["program"], "/bin/a \"b\"");
  EXPECT_EQ(json::parse(note_line("precision reduced"))["text"], "precision reduced");
  const json end = json::parse(end_line({2, 1, {{0xab, 12}}, {"race:x", "mutex:y"}}));
  EXPECT_EQ(end["event"], "end");
  EXPECT_EQ(end["findings"], 2);
  EXPECT_EQ(end["suppressed"], 1);
  EXPECT_EQ(end["repeated"][0]["fingerprint"], "00000000000000ab");
  EXPECT_EQ(end["repeated"][0]["times"], 12);
  EXPECT_EQ(end["unused_suppressions"], (json{"race:x", "mutex:y"}));
}

TEST(strings_in_json, are_valid_whatever_is_in_them) {
  for (const std::string& text : {std::string("plain"), std::string("\"quoted\" \\ back"),
                                  std::string("tab\t line\n bell\a nul\0end", 24),
                                  std::string("z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x8f\x81")})
    EXPECT_EQ(json::parse(json_string(text)), text);
  EXPECT_EQ(json::parse(json_string("\xff|\xc3|\xe2\x82|\xc0\x80|\xed\xa0\x80|\xf5\x80\x80\x80"))
                .get<std::string>()
                .substr(0, 4),
            "\xef\xbf\xbd|");
  // Every byte alone and behind the beginning of a longer sequence.
  for (int first : {0x00, 0xc3, 0xe2, 0xf0}) {
    for (int byte = 0; byte < 256; ++byte) {
      const std::string text{static_cast<char>(first), static_cast<char>(byte)};
      EXPECT_FALSE(json::parse(json_string(text), nullptr, false).is_discarded())
          << first << " " << byte;
    }
  }
}

}  // namespace
}  // namespace gobench::detector::reporting
