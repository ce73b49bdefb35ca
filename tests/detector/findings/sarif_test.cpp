// SARIF: valid, within GitHub's limits, and telling what GitHub shows.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "detector/findings/exporter.hpp"
#include "tests/detector/findings/schema.hpp"
#include "tests/detector/findings/support.hpp"

namespace {

using namespace gobench::detector::findings;
using namespace gobench::detector::findings::testing;
using document_json = nlohmann::json;

document_json sarif_of(const collection& found, const run_facts& run = some_run()) {
  return document_json::parse(rendered("sarif", found, run));
}

void expect_valid(const document_json& log) {
  static const auto schema = json_file("tests/detector/findings/sarif_parts.schema.json");
  EXPECT_EQ(violations(schema, log), std::vector<std::string>{});
}

collection of(const std::vector<nlohmann::ordered_json>& lines, baseline known = {}) {
  collection found(std::move(known), "2026-11-25");
  for (const auto& line : lines) found.take(line_of(line));
  return found;
}

TEST(sarif, is_valid_with_and_without_findings_during_and_after_the_run) {
  auto bare = some_race("bare");
  bare["accesses"] = nlohmann::ordered_json::array();
  bare["object"] = nullptr;
  auto unknown = some_race("unknown");
  unknown["kind"] = "surprise";
  for (const bool complete : {true, false}) {
    expect_valid(sarif_of(collection(), some_run(complete)));
    expect_valid(sarif_of(of({some_race(), bare, unknown}), some_run(complete)));
  }
  run_facts ended = some_run();
  ended.exit_code.reset();
  ended.signal = 11;
  expect_valid(sarif_of(of({some_race()}), ended));
}

TEST(sarif, the_schema_of_the_test_would_notice) {
  document_json log = sarif_of(of({some_race()}));
  static const auto schema = json_file("tests/detector/findings/sarif_parts.schema.json");
  log["runs"][0]["results"][0]["locatoins"] = 3;
  log["runs"][0]["results"][0]["level"] = "fatal";
  log["runs"][0]["results"][0].erase("message");
  EXPECT_EQ(violations(schema, log).size(), 3U);
}

TEST(sarif, has_both_stacks_the_other_places_and_a_stable_identity) {
  const document_json log = sarif_of(of({some_race()}));
  const auto& run = log["runs"][0];
  const auto& result = run["results"][0];
  EXPECT_EQ(result["ruleId"], "data-race");
  EXPECT_EQ(run["tool"]["driver"]["rules"][0]["id"], "data-race");
  const auto& place = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(place["artifactLocation"]["uri"], "src/count.cpp");
  EXPECT_EQ(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
  EXPECT_EQ(place["region"], (document_json{{"startLine", 12}, {"startColumn", 3}}));
  EXPECT_EQ(run["originalUriBaseIds"]["%SRCROOT%"]["uri"], "file:///shop/");

  EXPECT_EQ(result["partialFingerprints"]["gobenchFinding/v1"], "0123456789abcdef");
  EXPECT_EQ(result["partialFingerprints"]["primaryLocationLineHash"], "0123456789abcdef:1");

  const auto& flows = result["codeFlows"][0]["threadFlows"];
  ASSERT_EQ(flows.size(), 2U);
  EXPECT_EQ(flows[0]["id"], "thread worker");
  EXPECT_EQ(flows[1]["id"], "fiber 3");
  const auto& steps = flows[0]["locations"];
  ASSERT_EQ(steps.size(), 3U);  // from the outermost frame to the access
  EXPECT_EQ(steps[0]["location"]["logicalLocations"][0]["fullyQualifiedName"], "worker");
  EXPECT_EQ(steps[2]["location"]["message"]["text"], "write of 4 bytes by thread worker");
  // Not below the root of the sources.
  EXPECT_EQ(steps[2]["location"]["physicalLocation"]["artifactLocation"]["uri"],
            "file:///usr/include/c++/12/atomic");

  const auto& related = result["relatedLocations"];
  ASSERT_EQ(related.size(), 4U);  // the other access, two births, the allocation
  EXPECT_EQ(related[0]["physicalLocation"]["artifactLocation"]["uri"], "src/look.cpp");
  EXPECT_NE(result["message"]["text"].get<std::string>().find("The earlier read is [here](1)."),
            std::string::npos);
}

TEST(sarif, new_known_and_expired_are_told_apart_and_suppressed_ones_left_out) {
  auto suppressed = some_race("quiet");
  suppressed["suppressed_by"] = "race:x";
  const document_json known =
      sarif_of(of({some_race("a"), suppressed}, accepting("a", "2099-01-01")));
  expect_valid(known);
  ASSERT_EQ(known["runs"][0]["results"].size(), 1U);
  const auto& result = known["runs"][0]["results"][0];
  EXPECT_EQ(result["baselineState"], "unchanged");
  EXPECT_EQ(result["level"], "note");
  EXPECT_EQ(result["suppressions"][0]["status"], "accepted");
  EXPECT_EQ(result["properties"]["owner"], "net team");

  const document_json expired = sarif_of(of({some_race("a")}, accepting("a", "2020-01-01")));
  EXPECT_EQ(expired["runs"][0]["results"][0]["level"], "error");
  EXPECT_FALSE(expired["runs"][0]["results"][0].contains("suppressions"));
  EXPECT_EQ(expired["runs"][0]["results"][0]["properties"]["status"], "expired");

  const document_json fresh = sarif_of(of({some_race("a")}));
  EXPECT_EQ(fresh["runs"][0]["results"][0]["baselineState"], "new");
}

TEST(sarif, a_run_that_did_not_end_says_so) {
  const document_json log = sarif_of(collection(), some_run(false));
  const auto& invocation = log["runs"][0]["invocations"][0];
  EXPECT_EQ(invocation["executionSuccessful"], false);
  EXPECT_FALSE(invocation["toolExecutionNotifications"].empty());
}

std::string notes_of(const document_json& log) {
  return log["runs"][0]["invocations"][0]["toolExecutionNotifications"].dump();
}

TEST(sarif, keeps_to_the_number_of_results_that_github_shows) {
  auto line = some_race();
  line["accesses"] = nlohmann::ordered_json::array();
  line["object"] = nullptr;
  collection found({}, "2026-11-25");
  for (int i = 0; i < 5003; ++i) {
    line["fingerprint"] = std::to_string(i);
    found.take(line_of(line));
  }
  const document_json log = sarif_of(found);
  EXPECT_EQ(log["runs"].size(), 1U);
  EXPECT_EQ(log["runs"][0]["results"].size(), 5000U);
  EXPECT_NE(notes_of(log).find("3 further findings are left out"), std::string::npos);
}

TEST(sarif, keeps_to_the_size_of_a_file_and_prefers_what_fails) {
  auto line = some_race();
  line["message"] = std::string(200'000, 'x');
  collection found(accepting("0", "2099-01-01"), "2026-11-25");
  for (int i = 0; i < 80; ++i) {
    line["fingerprint"] = std::to_string(i);
    found.take(line_of(line));
  }
  const std::string text = rendered("sarif", found);
  EXPECT_LT(text.size(), 10'000'000U);
  const document_json log = document_json::parse(text);
  EXPECT_GT(log["runs"][0]["results"].size(), 20U);
  EXPECT_EQ(log["runs"][0]["results"][0]["level"], "error");
  EXPECT_NE(notes_of(log).find("further findings are left out"), std::string::npos);
}

TEST(sarif, keeps_to_the_steps_of_a_flow_and_the_locations_of_a_result) {
  auto line = some_race();
  auto& stack = line["accesses"][0]["stack"];
  const auto frame = stack[1];
  for (int i = 0; i < 3000; ++i) stack.push_back(frame);
  for (int i = 0; i < 300; ++i) {
    auto one = line["accesses"][1];
    one["task"]["id"] = 100 + i;
    line["accesses"].push_back(one);
  }
  const document_json log = sarif_of(of({line}));
  expect_valid(log);
  const auto& result = log["runs"][0]["results"][0];
  std::size_t steps = 0;
  for (const auto& flow : result["codeFlows"][0]["threadFlows"]) steps += flow["locations"].size();
  EXPECT_LE(steps, 1000U);
  EXPECT_LE(result["relatedLocations"].size() + result["locations"].size(), 100U);
}

}  // namespace
