// Every message is whole sentences that name what they are about and say what to do next.
#include "cli/messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace gobench::cli::messages;

struct message {
  std::string text;
  std::vector<std::string> parts;  // what it must name, the next step last
};

std::vector<message> all() {
  const std::vector<std::string> names = {"csv", "json", "table"};
  return {
      {no_verb({"list", "run"}), {"list or run", "gobench --help"}},
      {unknown_verb("rnu", "run"), {"rnu", "did you mean run?"}},
      {unknown_verb("xyz", ""), {"xyz", "gobench --help"}},
      {unknown_option("--taks", "run", "--tasks"), {"gobench run", "--taks", "--tasks?"}},
      {unknown_option("--x", "", ""), {"--x", "gobench --help"}},
      {unexpected_argument("x", "list"), {"gobench list", "x", "gobench list --help"}},
      {missing_value("--reps", "run"), {"--reps", "gobench run --help"}},
      {bad_command_line("why", "run"), {"why", "gobench run --help"}},
      {bad_number("--reps", "x", "a whole number from 1"), {"--reps", "\"x\"", "from 1"}},
      {bad_duration("--min-time", "5"), {"--min-time", "\"5\"", "20ms"}},
      {bad_regex("--impl", "(", "why"), {"--impl", "\"(\"", "why", "backslash"}},
      {bad_choice("--color", "x", names, ""), {"--color", "\"x\"", "csv, json or table"}},
      {bad_choice("--color", "cvs", names, "csv"), {"Did you mean csv?"}},
      {bad_switch("GOBENCH_QUIET", "x"), {"GOBENCH_QUIET", "\"x\"", "true or false"}},
      {bad_parameter("--param", "x"), {"--param", "\"x\"", "hold_ns=0,1000"}},
      {unknown_parameter("x", {"hold_ns"}, "hold_ns"), {"x", "hold_ns", "Did you mean hold_ns?"}},
      {unknown_parameter("x", {}, ""), {"x", "gobench list"}},
      {bad_parameter_value("hold_ns", "x", "whole numbers"), {"hold_ns", "\"x\"", "whole numbers"}},
      {not_for_peer("sieve", "go"), {"sieve", "go", "leave out --peer"}},
      {left_out_peers({"go"}), {"go", "--peer go"}},
      {left_out_peers({"boost", "go", "tbb"}), {"boost, go and tbb", "gobench list"}},
      {peer_needed("--impl x", "go"), {"--impl x", "add --peer go"}},
      {unreadable_settings("gobench.toml", "why"), {"gobench.toml", "why", "remove it"}},
      {unknown_setting("gobench.toml", "repz", "reps"), {"gobench.toml", "repz", "mean reps?"}},
      {unknown_setting("gobench.toml", "x", ""), {"gobench.toml", "x", "named like an option"}},
      {unloadable_plugin("x.so", "why"), {"x.so", "why", "check the name"}},
      {wrong_plugin("x.so", "Compile it again."), {"x.so", "Compile it again."}},
      {plugin_without_suite("x.so"), {"x.so", "suites::registration"}},
      {no_suite({"a", "b"}), {"a or b", "gobench list"}},
      {unknown_suite("x", "y"), {"x", "did you mean y?"}},
      {unknown_suite("x", ""), {"x", "gobench list"}},
      {repeated_suite("x"), {"x", "--reps"}},
      {nothing_selected("s", "--impl x", {"a", "b"}), {"s", "--impl x", "a, b"}},
      {nothing_selected_together("s"), {"s", "--dry-run"}},
      {unknown_format_of_file("x", names), {"x", ".csv", "--format"}},
      {same_output_twice("x"), {"x", "of its own"}},
      {cannot_read("x: why"), {"x: why", "check the name"}},
      {no_files_to_compare(), {"the base first", "gobench compare old.csv new.csv"}},
      {no_files_to_merge(), {"gobench merge monday.csv tuesday.csv"}},
      {nothing_in_common("a", "b", "\"x\"", "\"y\""), {"a", "b", "\"x\"", "\"y\"", "--ignore"}},
      {no_case_matches("--filter", "x", "\"y\""), {"--filter x", "\"y\""}},
      {no_such_metric("x", "a.csv"), {"a.csv", "x", "ns_per_op"}},
      {unknown_column("--group-by", "x", names, "csv"), {"--group-by", "x", "Did you mean csv?"}},
      {bad_share("--alpha", "x", "from 0% to 50%"), {"--alpha", "\"x\"", "5% or 0.05"}},
      {no_saved_run("s"), {"s", "--save NAME", "gobench history"}},
      {unknown_format_of_report("x", names), {"x", "--format"}},
      {cannot_write("x: why"), {"x: why", "choose another place"}},
      {cannot_trace("x: why"), {"x: why", "choose another place"}},
      {traced(), {"costs time", "--trace"}},
      {debug_build("Debug"), {"Debug", "release build"}},
      {ignored_backend(), {"GOBENCH_BACKEND", "--vehicle"}},
      {ignored_setting("GOBENCH_X", "--param x"), {"GOBENCH_X", "--param x"}},
      {interrupted(3, 10), {"3 of 10 samples"}},
      {interrupted_before_first(), {"nothing to show"}},
      {wrong_sample("The case x is wrong.", 2),
       {"x is wrong.", "2 samples", "are kept", "report it"}},
      {failed_case("x failed.", 1), {"x failed.", "1 sample ", "is kept", "report it"}},
      {failed_case("x failed.", 0), {"Nothing had been measured"}},
      {refused_by_system("x failed.", 0), {"x failed.", "gobench doctor", "--tasks"}},
      {internal_error("why"), {"why", "report it"}},
  };
}

TEST(messages, name_what_they_are_about_and_what_to_do) {
  for (const message& one : all()) {
    for (const std::string& part : one.parts) {
      EXPECT_NE(one.text.find(part), std::string::npos) << one.text << "\nlacks " << part;
    }
  }
}

TEST(messages, are_whole_sentences_on_one_line) {
  for (const message& one : all()) {
    EXPECT_TRUE(one.text.ends_with('.') || one.text.ends_with('?')) << one.text;
    EXPECT_EQ(one.text.find('\n'), std::string::npos) << one.text;
    EXPECT_EQ(one.text.find("  "), std::string::npos) << one.text;
    EXPECT_EQ(one.text.find(".."), std::string::npos) << one.text;
  }
  EXPECT_EQ(csv_hint("gobench x"), "Every sample as CSV: gobench x");  // ends in what to type
}

}  // namespace
