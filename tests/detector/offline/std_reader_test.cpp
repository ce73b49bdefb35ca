// The STD format: what is read, what is refused, and with which words.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/detector/offline/support.hpp"

namespace {

using events = std::vector<std::uint64_t>;

TEST(std_format, a_write_and_a_read_that_nothing_orders_are_a_race) {
  const found_races found = analyse_text("T1|w(V.2[0])|Main.java:5\nT2|r(V.2[0])|7\n");
  EXPECT_EQ(found.racy_events, events{2});
  ASSERT_EQ(found.races.size(), 1U);
  EXPECT_EQ(found.races[0].variable, "V.2[0]");
  EXPECT_EQ(found.races[0].later.task, "T2");
  EXPECT_EQ(found.races[0].later.operation, "read");
  EXPECT_EQ(found.races[0].later.location, "7");
  EXPECT_EQ(found.races[0].earlier.position, 1U);
  EXPECT_EQ(found.races[0].earlier.task, "T1");
  EXPECT_EQ(found.races[0].earlier.operation, "write");
  EXPECT_EQ(found.races[0].earlier.location, "Main.java:5");
}

TEST(std_format, locks_forks_and_joins_order) {
  EXPECT_EQ(
      analyse_text("T1|acq(L)|1\nT1|w(x)|2\nT1|rel(L)|3\nT2|acq(L)|4\nT2|w(x)|5\nT2|rel(L)|6\n")
          .racy_events,
      events{});
  EXPECT_EQ(
      analyse_text("T1|w(x)|1\nT1|fork(T2)|2\nT2|w(x)|3\nT1|join(T2)|4\nT1|w(x)|5\n").racy_events,
      events{});
  EXPECT_EQ(
      analyse_text("T1|fork(T2)|1\nT1|w(x)|2\nT2|w(x)|3\nT1|w(x)|4\nT1|join(T2)|5\n").racy_events,
      (events{3, 4}));
}

TEST(std_format, an_access_after_a_race_is_judged_like_any_other) {
  // Line 4 races with line 2, though line 3 is the one that the variable was written by last.
  EXPECT_EQ(analyse_text("T1|w(x)|1\nT2|w(x)|2\nT1|w(x)|3\nT1|r(x)|4\n").racy_events,
            (events{2, 3, 4}));
}

TEST(std_format, blanks_line_ends_and_empty_lines_do_not_matter) {
  const std::vector<std::string> forms = {
      "T1|w(x)|1\nT2|r(x)|2\n",
      "T1|w(x)|1\nT2|r(x)|2",
      "T1|w(x)|1\r\nT2|r(x)|2\r\n",
      " T1 | w ( x ) | 1 \n\tT2\t|\tr\t(\tx\t)\t|\t2\t\n",
      "T1|w( x)|1\nT2|r(x )|2\n",
      "T1 |w(x)|1\nT2| r(x)|2\n",
      "\xef\xbb\xbfT1|w(x)|1\nT2|r(x)|2\n",
  };
  for (const std::string& form : forms) {
    const found_races found = analyse_text(form);
    EXPECT_EQ(found.racy_events, events{2}) << form;
    EXPECT_EQ(found.counts.threads, 2U) << form;
    EXPECT_EQ(found.counts.events, 2U) << form;
    ASSERT_EQ(found.races.size(), 1U) << form;
    EXPECT_EQ(found.races[0].variable, "x") << form;
    EXPECT_EQ(found.races[0].later.location, "2") << form;
  }
  const found_races found = analyse_text("\n \nT1|w(x)|1\n\r\nT2|r(x)|2\n\n");
  EXPECT_EQ(found.racy_events, events{5});
  EXPECT_EQ(found.counts.events, 2U);
}

TEST(std_format, names_of_any_length_and_sort_are_told_apart) {
  std::string text;
  std::vector<std::string> names = {
      "x", "y", "longer than the rest of them", "foo(int).a", "a b", "\xc3\xa9t\xc3\xa9", "x|y"};
  for (const std::size_t length : {7U, 8U, 9U, 15U, 16U, 17U, 24U, 31U, 40U, 5000U}) {
    names.push_back(std::string(length, 'v'));
    names.push_back(std::string(length - 1, 'v') + "w");
    names.push_back("w" + std::string(length - 1, 'v'));
  }
  for (const std::string& name : names) text += "T1|w(" + name + ")|1\n";
  for (const std::string& name : names) text += "T2|w(" + name + ")|" + name + "\n";
  const found_races found = analyse_text(text);
  EXPECT_EQ(found.variables, names.size());
  EXPECT_EQ(found.racy_events.size(), names.size());
  ASSERT_EQ(found.races.size(), names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(found.races[i].variable, names[i]);
    EXPECT_EQ(found.races[i].later.location, names[i]);
    EXPECT_EQ(found.races[i].earlier.position, i + 1);
  }
}

TEST(std_format, a_name_stands_for_a_thread_a_lock_and_a_variable_at_once) {
  const found_races found = analyse_text("a|acq(a)|1\na|w(a)|2\na|rel(a)|3\n");
  EXPECT_EQ(found.counts.threads, 1U);
  EXPECT_EQ(found.counts.locks, 1U);
  EXPECT_EQ(found.variables, 1U);
}

TEST(std_format, locations_are_kept_as_they_are) {
  for (const std::string location :
       {"0", "007", "12", "999999999", "1234567890", "99999999999999999999", "", "-1", "a|b",
        "file.c:1 (inlined)"}) {
    const found_races found = analyse_text("T1|w(x)|" + location + "\nT2|w(x)|" + location + "\n");
    ASSERT_EQ(found.races.size(), 1U);
    EXPECT_EQ(found.races[0].later.location, location);
    EXPECT_EQ(found.races[0].earlier.location, location);
  }
}

TEST(std_format, marks_that_say_nothing_about_order_are_passed_over) {
  const found_races found = analyse_text(
      "T1|begin(3)|1\nT1|w(x)|2\nT1|end(3)|3\nT3|begin|4\nT2|branch(1)|5\nT2|r(x)|6\nT2|end\n");
  EXPECT_EQ(found.racy_events, events{6});
  EXPECT_EQ(found.counts.events, 7U);
}

TEST(std_format, a_lock_may_be_taken_again_by_its_holder) {
  // What the inner release published is not there for others before the outer one.
  const std::string begin = "T1|acq(L)|1\nT1|acq(L)|2\nT1|rel(L)|3\nT1|w(x)|4\n";
  EXPECT_EQ(analyse_text(begin + "T1|rel(L)|5\nT2|acq(L)|6\nT2|w(x)|7\n").racy_events, events{});
  EXPECT_EQ(objection_to(begin + "T2|acq(L)|5\n"),
            "t.std:5: expected T2 to wait for the release of L, which T1 has held since line 1.");
}

struct wrong {
  const char* text;
  const char* said;
};

class malformed : public testing::TestWithParam<wrong> {};

TEST_P(malformed, is_refused_with_line_and_expectation) {
  EXPECT_EQ(objection_to(GetParam().text), GetParam().said);
}

INSTANTIATE_TEST_SUITE_P(
    lines, malformed,
    testing::Values(
        wrong{"T1|w(x)|1\nfoo\n", "t.std:2: expected a line such as T1|w(x)|12, found \"foo\"."},
        wrong{"T1\n", "t.std:1: expected a line such as T1|w(x)|12, found \"T1\"."},
        wrong{"|w(x)|1\n",
              "t.std:1: expected the name of a thread before the first \"|\", found nothing."},
        wrong{"  |w(x)|1\n",
              "t.std:1: expected the name of a thread before the first \"|\", found nothing."},
        wrong{"T1|write(x)|1\n",
              "t.std:1: expected an operation (r, w, acq, rel, fork, join, begin or end) after the "
              "first \"|\", found \"write(x)|1\"."},
        wrong{"T1|R(x)|1\n",
              "t.std:1: expected an operation (r, w, acq, rel, fork, join, begin or end) after the "
              "first \"|\", found \"R(x)|1\"."},
        wrong{"T1|\n",
              "t.std:1: expected an operation (r, w, acq, rel, fork, join, begin or end) after the "
              "first \"|\", found nothing."},
        wrong{"T1|w\n", "t.std:1: expected \"(\" and a name after w, found nothing."},
        wrong{"T1|w x\n", "t.std:1: expected \"(\" and a name after w, found \"x\"."},
        wrong{"T1|w()|1\n", "t.std:1: expected a name between \"(\" and \")\", found nothing."},
        wrong{"T1|w( )|1\n", "t.std:1: expected a name between \"(\" and \")\", found nothing."},
        wrong{"T1|acq()|1\n", "t.std:1: expected a name between \"(\" and \")\", found nothing."},
        wrong{"T1|w(x|1\n",
              "t.std:1: expected a name, \")\", \"|\" and a location, found \"x|1\"."},
        wrong{"T1|w(x)\n", "t.std:1: expected a name, \")\", \"|\" and a location, found \"x)\"."},
        wrong{"T1|w(x)1\n",
              "t.std:1: expected a name, \")\", \"|\" and a location, found \"x)1\"."},
        // The delimiters of the next line are not this one's.
        wrong{"T1\nT1|w(x)|1\n", "t.std:1: expected a line such as T1|w(x)|12, found \"T1\"."},
        wrong{"T1|w(x\n)|1\n",
              "t.std:1: expected a name, \")\", \"|\" and a location, found \"x\"."},
        wrong{"a)|b\nT1|w(x)|1\n",
              "t.std:1: expected an operation (r, w, acq, rel, fork, join, begin or end) after the "
              "first \"|\", found \"b\"."},
        wrong{"T1|w(\x1b[31m)\n",
              "t.std:1: expected a name, \")\", \"|\" and a location, found \"?[31m)\"."}));

INSTANTIATE_TEST_SUITE_P(
    order, malformed,
    testing::Values(
        wrong{"T1|rel(L)|1\n",
              "t.std:1: expected T1 to hold L before it releases it, but nobody does."},
        wrong{"T1|acq(L)|1\nT2|rel(L)|2\n",
              "t.std:2: expected T2 to hold L before it releases it, but T1 has held it since line "
              "1."},
        wrong{"T1|acq(L)|1\nT1|rel(L)|2\nT1|rel(L)|3\n",
              "t.std:3: expected T1 to hold L before it releases it, but nobody does."},
        wrong{"T1|acq(L)|1\nT2|acq(L)|2\n",
              "t.std:2: expected T2 to wait for the release of L, which T1 has held since line 1."},
        wrong{"T1|join(T2)|1\n",
              "t.std:1: expected T1 to join a thread that ran or was forked, but nothing is known "
              "of T2."},
        wrong{"T1|join(T1)|1\n", "t.std:1: expected T1 to join another thread than itself."},
        wrong{"T1|fork(T2)|1\nT1|join(T2)|2\nT2|w(x)|3\n",
              "t.std:3: expected no more of T2, which was joined in line 2."},
        wrong{"T1|fork(T2)|1\nT1|join(T2)|2\nT2|acq(L)|3\n",
              "t.std:3: expected no more of T2, which was joined in line 2."},
        wrong{"T1|fork(T2)|1\nT1|join(T2)|2\nT1|join(T2)|3\n",
              "t.std:3: expected no more of T2, which was joined in line 2."},
        wrong{"T1|fork(T2)|1\nT1|join(T2)|2\nT1|fork(T2)|3\n",
              "t.std:3: expected no more of T2, which was joined in line 2."},
        wrong{"T2|w(x)|1\nT1|fork(T2)|2\n",
              "t.std:2: expected T1 to fork a thread that is new, but T2 already ran in line 1."},
        wrong{"T1|fork(T2)|1\nT1|fork(T2)|2\n",
              "t.std:2: expected T1 to fork a thread that is new, but T2 was forked in line 1."},
        wrong{"T1|w(x)|1\nT1|fork(T1)|2\n",
              "t.std:2: expected T1 to fork a thread that is new, but T1 already ran in line 1."},
        wrong{"T1|fork(T1)|1\n",
              "t.std:1: expected T1 to fork a thread that is new, but T1 already ran in line 1."}));

TEST(std_format, a_line_longer_than_64_KiB_is_refused) {
  const std::string name(60'000, 'n');
  EXPECT_EQ(objection_to("T1|w(x)|1\nT1|w(" + name + ")|1\n"), "");
  EXPECT_EQ(objection_to("T1|w(x)|1\nT1|w(" + name + name + ")|1\n"),
            "t.std:2: expected a line of at most 65536 bytes, and this one is longer; is this file "
            "a trace?");
  EXPECT_EQ(objection_to(std::string(3'000'000, 'x')),
            "t.std:1: expected a line of at most 65536 bytes, and this one is longer; is this file "
            "a trace?");
}

TEST(std_format, zero_bytes_are_refused_with_their_line) {
  using namespace std::string_literals;
  EXPECT_EQ(objection_to("T1|w(x)|1\nT1|w(y\0)|1\n"s),
            "t.std:2: expected text, found a byte of value 0; is this file a trace?");
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "T1|w(x)|1\n";
  EXPECT_EQ(objection_to(text + "\0"s),
            "t.std:100001: expected text, found a byte of value 0; is this file a trace?");
}

TEST(std_format, lines_may_lie_across_the_ends_of_buffers) {
  // Lines of all lengths, so that every byte of a line comes to be the last of a buffer at some time.
  std::string text;
  std::uint64_t lines = 0;
  while (text.size() < 2'000'000) {
    const std::string location(lines % 97, '7');
    text += (lines % 2 == 0 ? "T1|w(x)|" : "T2|r(y)|") + location + "\n";
    ++lines;
  }
  text += "T2|w(x)|end";
  const found_races found = analyse_text(text);
  EXPECT_EQ(found.counts.events, lines + 1);
  EXPECT_EQ(found.racy_events, events{lines + 1});
  ASSERT_EQ(found.races.size(), 1U);
  EXPECT_EQ(found.races[0].later.location, "end");
}

TEST(std_format, more_locations_than_are_kept_are_told_as_unknown) {
  std::string text;
  const std::string filler(3000, 'l');
  for (int i = 0; i < 20'000; ++i) {
    text += "T1|acq(L)|1\nT1|rel(L)|1\nT1|w(x)|" + filler + std::to_string(i) + "\n";
  }
  const found_races found = analyse_text(text + "T2|w(x)|12\n");
  ASSERT_EQ(found.races.size(), 1U);
  EXPECT_EQ(found.races[0].earlier.location, "?");
  EXPECT_EQ(found.races[0].later.location, "12");
  EXPECT_NE(found.remark.find("more different locations"), std::string::npos);
}

}  // namespace
