// What race and cxx say is whole sentences that name what they are about, with the next step.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/cxx/messages.hpp"
#include "cli/race/messages.hpp"

namespace {

struct message {
  std::string text;
  std::vector<std::string> parts;  // what it must name
};

std::vector<message> all() {
  using namespace gobench::cli::race::messages;
  namespace cxx = gobench::cli::cxx::messages;
  return {
      {nothing_to_run("race"), {"gobench race ./app", "--help"}},
      {no_program("x"), {"x", "./app"}},
      {unreachable_program("x", "why"), {"x", "why", "another path"}},
      {program_is_folder("x"), {"x", "in it"}},
      {not_executable("x"), {"x", "chmod +x"}},
      {not_instrumented("x"), {"x", "gobench cxx", "gobench::check", "--children"}},
      {foreign_detector("x"), {"x", "ThreadSanitizer", "gobench cxx"}},
      {both_detectors("x"), {"x", "ThreadSanitizer", "leave out -fsanitize=thread"}},
      {statically_linked("x"), {"x", "without -static"}},
      {other_machine("x"), {"x", "64-bit x86"}},
      {gobench::cli::race::messages::cannot_start("why"), {"why", "by itself"}},
      {bad_option_value("GOBENCH_RACE", "a", "b", "c"), {"GOBENCH_RACE", "a takes b", "\"c\""}},
      {option_without_value("--option", "a"), {"--option", "\"a\"", "name=value"}},
      {open_quote("GOBENCH_RACE", "a"), {"GOBENCH_RACE", "a", "close it"}},
      {unknown_detector_option("--option", "a", "b"), {"--option", "a", "did you mean b?"}},
      {unknown_detector_option("--option", "a", ""), {"a", "gobench race --help"}},
      {both_quotes("a", "b"), {"a", "b", "another name"}},
      {set_by_race("--option", "a", "--json FILE"), {"--option", "a", "use --json FILE"}},
      {unreadable_suppressions("x", "why"), {"x", "why", "--suppressions"}},
      {malformed_suppression("x", 3, "y"), {"x:3", "\"y\"", "race:"}},
      {update_without_baseline(), {"--update-baseline", "--baseline FILE"}},
      {bad_most_findings("--max-findings", "x"), {"--max-findings", "\"x\""}},
      {same_file_twice("x"), {"x", "of its own"}},
      {cannot_write("x: why"), {"x: why", "choose another place"}},
      {no_place_for_findings("x: why"), {"x: why", "TMPDIR"}},
      {ended_by_signal("x", 11), {"x", "signal 11 (Segmentation fault)", "kept"}},
      {nothing_checked("x"), {"x", "nothing was checked", "--self-test"}},
      {nothing_checked_in_children("x"), {"x", "nothing was checked", "gobench cxx"}},
      {unreadable_lines(1), {"1 line of", "report"}},
      {unreadable_lines(2), {"2 lines of", "report"}},
      {still_running(1), {"1 process that", "it finds", "wait for"}},
      {still_running(2), {"2 processes that", "they find"}},
      {baseline_updated("x", 3, 1, 0), {"x has 3 findings now, 1 of them new", "owner"}},
      {baseline_updated("x", 1, 0, 1),
       {"x has 1 finding now", "1 expired and still fails", "by hand"}},
      {left_out(1), {"1 further finding is", "--max-findings"}},
      {self_test_no_place("x: why"), {"x: why", "TMPDIR"}},
      {self_test_not_compiled("cmd", "said\n"), {"cmd", "said", "GOBENCH_CXX"}},
      {self_test_failed_to_run("twin", "said\n"), {"twin", "said", "TMPDIR"}},
      {self_test_silent(), {"silent about a race", "report this"}},
      {self_test_not_started("twin"), {"twin", "install it again"}},
      {self_test_false_alarm("x"), {"x", "where there is none", "report this"}},
      {self_test_passed(1.25), {"works here", "s)"}},
      {cxx::nothing_to_do(), {"gobench cxx", "--help"}},
      {cxx::no_such_step("x"), {"compile or link", "\"x\""}},
      {cxx::no_compiler("x", ""), {"x", "GOBENCH_CXX"}},
      {cxx::no_compiler("x", "CXX"), {"CXX", "x", "install it"}},
      {cxx::cannot_start("why"), {"why", "GOBENCH_CXX"}},
      {cxx::no_check_flags("x"), {"x", "cmake --install"}},
      {cxx::no_check_library("x"), {"x", "cmake --install"}},
      {cxx::no_static(), {"leave out -static"}},
      {cxx::no_scratch("why"), {"why", "TMPDIR"}},
  };
}

TEST(race_messages, are_sentences_that_name_what_they_are_about) {
  for (const message& one : all()) {
    for (const std::string& part : one.parts) {
      EXPECT_NE(one.text.find(part), std::string::npos) << "'" << part << "' in: " << one.text;
    }
    EXPECT_TRUE(one.text.back() == '.' || one.text.back() == '?') << one.text;
    EXPECT_EQ(one.text.find("  "), std::string::npos) << one.text;
  }
}

TEST(race_messages, the_last_line_has_numbers_files_and_the_command) {
  using gobench::cli::race::messages::summary;
  EXPECT_EQ(summary({.fresh = 1, .known = 2}, {"a.json", "b.sarif"}, "gobench race ./app"),
            "gobench race: 3 findings (1 new, 2 known); written to a.json, b.sarif; run again: "
            "gobench race ./app");
  EXPECT_EQ(summary({}, {}, "x"), "gobench race: no findings; run again: x");
}

}  // namespace
