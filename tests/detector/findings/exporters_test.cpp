// JSON, JUnit, Markdown, GitHub: what others read. SARIF has a test of its own.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

#include "detector/findings/exporter.hpp"
#include "tests/detector/findings/schema.hpp"
#include "tests/detector/findings/support.hpp"

namespace {

using namespace gobench::detector::findings;
using namespace gobench::detector::findings::testing;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// One of each standing.
collection one_of_each() {
  baseline known = accepting("known", "2099-01-01");
  const baseline expired = accepting("expired", "2020-01-01");
  const std::string text = R"({"findings":[)" +
                           nlohmann::json::parse(known.text())["findings"][0].dump() + "," +
                           nlohmann::json::parse(expired.text())["findings"][0].dump() + "]}";
  collection found(baseline::parse(text, "x"), "2026-11-25");
  for (const char* name : {"new", "expired", "known"}) found.take(line_of(some_race(name)));
  auto suppressed = some_race("quiet");
  suppressed["suppressed_by"] = "race:count";
  found.take(line_of(suppressed));
  found.take(R"({"event":"note","text":"precision <reduced>"})");
  found.take(R"({"event":"end","unused_suppressions":["race:nobody"]})");
  return found;
}

TEST(exporters, are_those_that_are_promised) {
  std::vector<std::string> names;
  for (const exporter& one : all_exporters()) names.push_back(one.name);
  EXPECT_EQ(names, (std::vector<std::string>{"json", "junit", "markdown", "sarif"}));
}

TEST(json_file, fits_its_schema_at_any_time) {
  const auto schema = json_file("docs/findings.schema.json");
  for (const collection& found : {one_of_each(), collection()}) {
    for (const bool complete : {true, false}) {
      const auto document = nlohmann::json::parse(rendered("json", found, some_run(complete)));
      EXPECT_EQ(violations(schema, document), std::vector<std::string>{});
      EXPECT_EQ(document.at("complete"), complete);
    }
  }
}

TEST(json_file, has_what_design_and_gate_need) {
  const auto document = nlohmann::json::parse(rendered("json", one_of_each()));
  const auto& all = document.at("findings");
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[0].at("status"), "new");
  EXPECT_EQ(all[0].at("baseline"), nullptr);
  EXPECT_EQ(all[1].at("status"), "expired");
  EXPECT_EQ(all[1].at("baseline").at("expires"), "2020-01-01");
  EXPECT_EQ(all[2].at("status"), "known");
  EXPECT_EQ(all[2].at("baseline").at("owner"), "net team");
  EXPECT_EQ(all[3].at("suppressed_by"), "race:count");
  EXPECT_EQ(all[0].at("accesses")[0].at("stack")[1].at("function"), "count(int)");
  EXPECT_EQ(all[0].at("accesses")[0].at("stack")[1].at("line"), 12);
  EXPECT_EQ(all[0].at("reproduce"), "gobench race ./app 8");
  EXPECT_EQ(document.at("counts"),
            (nlohmann::json{
                {"new", 1}, {"expired", 1}, {"known", 1}, {"suppressed", 1}, {"left_out", 0}}));
  EXPECT_EQ(document.at("unused_suppressions"), nlohmann::json{"race:nobody"});
}

TEST(junit, new_and_expired_fail_and_the_others_are_skipped) {
  const std::string text = rendered("junit", one_of_each());
  EXPECT_TRUE(has(text, "tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"2\"")) << text;
  EXPECT_TRUE(has(text, "message=\"data race on counter (new)\"")) << text;
  EXPECT_TRUE(has(text, "(expired on 2020-01-01, owner net team: ticket 812)\"")) << text;
  EXPECT_TRUE(
      has(text, "<skipped message=\"data race on counter (known until 2099-01-01, owner net team"))
      << text;
  EXPECT_TRUE(has(text, "file=\"src/count.cpp\" line=\"12\"")) << text;
  EXPECT_TRUE(has(text, "#0 std::atomic&lt;int&gt;::store")) << text;
  EXPECT_TRUE(has(text, "holding M1 (guard) at 0x7f00, exclusive")) << text;
}

TEST(junit, a_run_that_is_not_over_is_an_error_and_one_that_found_nothing_passes) {
  const std::string running = rendered("junit", collection(), some_run(false));
  EXPECT_TRUE(has(running, "tests=\"1\" failures=\"0\" errors=\"1\"")) << running;
  EXPECT_TRUE(has(running, "<error type=\"incomplete\"")) << running;
  const std::string over = rendered("junit", collection());
  EXPECT_TRUE(has(over, "tests=\"1\" failures=\"0\" errors=\"0\"")) << over;
  EXPECT_FALSE(has(over, "<error")) << over;
}

TEST(junit, text_that_xml_cannot_have_is_replaced) {
  auto line = some_race();
  line["message"] = "a \x01 & \"b\" <c> 'd'";
  collection found;
  found.take(line_of(line));
  const std::string text = rendered("junit", found);
  EXPECT_TRUE(has(text, "a \xEF\xBF\xBD &amp; &quot;b&quot; &lt;c&gt; &apos;d&apos;")) << text;
  EXPECT_EQ(text.find('\x01'), std::string::npos);
}

TEST(markdown, tells_the_standing_of_each_and_hides_the_stacks_behind_it) {
  const std::string text = rendered("markdown", one_of_each());
  EXPECT_TRUE(
      has(text, "4 findings (1 new, 1 expired, 1 known, 1 suppressed); the program ended with 0."))
      << text;
  EXPECT_TRUE(
      has(text, "| new | data race | count(int) at src/count.cpp:12 | look at src/look.cpp:6 |"))
      << text;
  EXPECT_TRUE(has(text, "| expired on 2020-01-01, owner net team: ticket 812 |")) << text;
  EXPECT_TRUE(has(text, "<details><summary>data race on counter</summary>")) << text;
  EXPECT_TRUE(has(text, "- precision &lt;reduced&gt;")) << text;
  EXPECT_TRUE(has(text, "The suppression race:nobody was not needed.")) << text;
  EXPECT_TRUE(has(text, "gobench race ./app 8")) << text;
}

TEST(markdown, stays_within_what_github_takes_and_says_so) {
  auto line = some_race();
  line["message"] = std::string(5000, 'x');
  collection found;
  for (int i = 0; i < 300; ++i) {
    line["fingerprint"] = std::to_string(i);
    line["accesses"][0]["stack"][1]["function"] = std::string(5000, 'f');
    found.take(line_of(line));
  }
  const std::string text = rendered("markdown", found);
  EXPECT_LT(text.size(), 1024U * 1024U);
  EXPECT_TRUE(has(text, "further findings are left out here.")) << text.size();
}

TEST(github, annotates_the_line_and_escapes_what_it_must) {
  auto line = some_race();
  line["message"] = "50% of it\nis wrong";
  collection found;
  found.take(line_of(line));
  const places where("/shop/build", "/shop");
  ASSERT_EQ(all_announcers().size(), 1U);
  const announcer& github = all_announcers().front();
  EXPECT_EQ(github.announce(found.entries()[0], where, 1),
            "::error file=src/count.cpp,line=12,col=3,title=data race (new)::50%25 of it%0Ais "
            "wrong%0AThe other access "
            "is in look at src/look.cpp:6.%0ATake the mutex guard around both accesses.\n");
  ::setenv("GITHUB_ACTIONS", "true", 1);
  EXPECT_TRUE(github.wanted());
  ::unsetenv("GITHUB_ACTIONS");
  EXPECT_FALSE(github.wanted());
}

TEST(github, known_ones_are_notices_suppressed_ones_nothing_and_ten_are_enough) {
  const collection found = one_of_each();
  const places where("/shop/build", "/shop");
  const announcer& github = all_announcers().front();
  EXPECT_TRUE(github.announce(found.entries()[1], where, 1).starts_with("::error file="))
      << "expired";
  EXPECT_TRUE(github.announce(found.entries()[2], where, 2).starts_with("::notice file="))
      << "known";
  EXPECT_EQ(github.announce(found.entries()[3], where, 3), "");
  EXPECT_TRUE(has(github.announce(found.entries()[0], where, 10), "There are further findings"));
  EXPECT_EQ(github.announce(found.entries()[0], where, 11), "");
}

TEST(places, are_relative_below_the_root_of_the_sources) {
  const places where("/shop/build", "/shop");
  EXPECT_EQ(where.shown("/shop/src/a.cpp"), "src/a.cpp");
  EXPECT_EQ(where.shown("../src/a.cpp"), "src/a.cpp");
  EXPECT_EQ(where.shown("/shopping/a.cpp"), "/shopping/a.cpp");
  EXPECT_EQ(where.shown("/shop/build/../src/./a.cpp"), "src/a.cpp");
  EXPECT_FALSE(where.below_root("/usr/include/x.h"));
  EXPECT_EQ(uri_path("/a b/ä%.cpp"), "/a%20b/%C3%A4%25.cpp");
  const places alone("/nowhere/at/all");
  EXPECT_EQ(alone.root(), "/nowhere/at/all");
  EXPECT_EQ(alone.shown("x.cpp"), "x.cpp");
}

TEST(places, a_frame_without_a_line_is_told_by_its_module) {
  const places where("/shop");
  EXPECT_EQ(where.shown(frame{
                .function = "f", .file = "/shop/a.cpp", .line = 3, .module = {}, .offset = {}}),
            "a.cpp:3");
  EXPECT_EQ(where.shown(
                frame{.function = {}, .file = {}, .module = "/usr/lib/libx.so", .offset = "0x12"}),
            "libx.so+0x12");
  EXPECT_EQ(where.shown(frame{}), "??");
}

}  // namespace
