#include "detector/report/text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "detector/report/words.hpp"
#include "tests/detector/report/samples.hpp"

namespace gobench::detector::reporting {
namespace {

TEST(text_of_a_finding, reads_like_this) {
  EXPECT_EQ(
      text_of(sample(), {false, "gobench race ./app 'two words'"}),
      R"(gobench: data race: write of 4 bytes by T2 "worker" (app.cpp:12) and earlier read of 4 bytes by the main thread (sum.cpp:30)

  Write of 4 bytes at 0x7b0400000018 by thread T2 "worker":
    #0 shop::bump(shop::counter&, int)  /src/app.cpp:12:9
    #1 shop::work()  /src/app.cpp:20:3
    Holding M1 (shop::guard).

  Earlier read of 4 bytes at 0x7b0400000018 by the main thread:
    #0 shop::sum(std::vector<shop::counter*> const&)  /src/sum.cpp:30:10
    #1 main  /src/app.cpp:42:5
    Holding no lock.

  Heap block of 12 bytes at 0x7b0400000010, allocated by the main thread; accessed at byte 8 of it:
    #0 operator new(unsigned long)  in app
    #1 main  /src/app.cpp:38:20

  Lock M1 (shop::guard) at 0x404080, taken here:
    #0 pthread_mutex_lock  in app
    #1 shop::work()  /src/app.cpp:19:3

  Thread T2 "worker", started by the main thread:
    #0 pthread_create  in app
    #1 main  /src/app.cpp:40:15

  What to do: Only one side holds a lock: the write by T2 "worker" holds M1 (shop::guard), the read
  by the main thread in shop::sum(std::vector<shop::counter*> const&) (sum.cpp:30) holds none. Take
  M1 (shop::guard) there as well.

  Fingerprint 5bd28ce9122c48dc
  Again with: gobench race ./app 'two words'

)");
}

TEST(text_of_a_finding, has_no_line_of_more_than_100_columns_but_the_first) {
  finding what = sample();
  const std::string list =
      "std::map<std::vector<shop::counter>, std::unordered_map<long, std::pair<int, "
      "shop::counter>>>";
  what.accesses[0].frames[0].function = "shop::f(" + list + ", " + list + ")";
  what.accesses[0].frames[1].function = "shop::g(" + list + ")";
  what.accesses[0].frames[1].file = "/a/path/that/goes/on/and/on/to/a/source/file/far/away.cpp";
  what.advice += " " + list + " is named as well.";
  const std::string text = text_of(what, {});
  std::size_t begin = text.find('\n') + 1;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    EXPECT_LE(end - begin, 100u) << text.substr(begin, end - begin);
  EXPECT_NE(text.find("<...>"), std::string::npos);
}

TEST(text_of_a_finding, has_colors_only_where_wanted) {
  EXPECT_EQ(text_of(sample(), {}).find('\033'), std::string::npos);
  std::string colored = text_of(sample(), {true, ""});
  EXPECT_NE(colored.find("\033[1;31mgobench: data race"), std::string::npos);
  // Without the colors it is the same text.
  for (std::size_t at; (at = colored.find('\033')) != std::string::npos;)
    colored.erase(at, colored.find('m', at) + 1 - at);
  EXPECT_EQ(colored, text_of(sample(), {}));
}

TEST(text_of_a_finding, says_what_is_not_known) {
  finding what = sample();
  what.accesses[1].frames.clear();
  what.accesses[1].task = 99;
  const std::string text = text_of(what, {});
  EXPECT_NE(text.find("by an unknown thread:\n    (its stack could not be restored)\n"),
            std::string::npos);
}

TEST(text_of_a_finding, ends_a_stack_that_goes_on_for_ever) {
  finding what = sample();
  what.accesses[0].frames.assign(1000, at("f()", "f.cpp", 1));
  EXPECT_NE(text_of(what, {}).find("\n    and 940 more below\n"), std::string::npos);
}

std::string advice(void (*change)(finding&)) {
  finding what = sample();
  change(what);
  return advice_for(what);
}

TEST(advice, is_about_the_locks_that_are_held) {
  EXPECT_EQ(
      advice([](finding& what) {
        what.accesses[1].locks = {{2, 0x999, false, {}, ""}};
      }),
      "Each side holds a lock, but not the same: the write by T2 \"worker\" holds M1 "
      "(shop::guard), "
      "the read by the main thread holds M2. Different locks order nothing: guard this memory with "
      "one of them on both sides.");
  EXPECT_EQ(advice([](finding& what) {
              what.accesses[0].locks[0].shared = true;
              what.accesses[1].locks = what.accesses[0].locks;
            }),
            "Both sides hold M1 (shop::guard), but in shared mode, in which holders run side by "
            "side. Take it exclusively "
            "for the write by T2 \"worker\".");
}

TEST(advice, is_about_parent_and_child_where_no_lock_is_held) {
  const std::string text = advice([](finding& what) { what.accesses[0].locks.clear(); });
  EXPECT_NE(text.find("The main thread started T2 \"worker\": let it join or otherwise wait for T2 "
                      "\"worker\" before the read in shop::sum"),
            std::string::npos)
      << text;
}

TEST(advice, is_about_channels_between_fibers_and_about_what_suits_both) {
  const auto with = [](task_kind one, task_kind other) {
    finding what = sample();
    what.accesses[0].locks.clear();
    what.tasks[0].kind = one;
    what.tasks[1].kind = other;
    what.tasks[1].parent = 7;
    return advice_for(what);
  };
  EXPECT_NE(with(task_kind::fiber, task_kind::fiber).find("through a channel"), std::string::npos);
  EXPECT_NE(with(task_kind::thread, task_kind::fiber).find("one is a fiber, the other a thread"),
            std::string::npos);
  EXPECT_NE(with(task_kind::thread, task_kind::thread).find("let one thread wait for the other"),
            std::string::npos);
}

TEST(advice, is_about_what_is_not_atomic) {
  EXPECT_EQ(advice([](finding& what) {
              what.type = finding_type::atomic_race;
              what.accesses[0].what = operation::atomic_write;
            }),
            "One side is atomic, the other is not: make the read in "
            "shop::sum(std::vector<shop::counter*> const&) "
            "(sum.cpp:30) atomic as well (std::atomic or std::atomic_ref), or order it behind the "
            "other by a lock or a "
            "join.");
}

TEST(advice, is_about_the_free_that_comes_too_early) {
  EXPECT_EQ(
      advice([](finding& what) {
        what.type = finding_type::race_with_free;
        what.accesses[0].what = operation::free_memory;
      }),
      "The free in shop::bump(shop::counter&, int) (app.cpp:12) has to come after the read in "
      "shop::sum(std::vector<shop::counter*> const&) (sum.cpp:30): wait for the task that still "
      "uses the block "
      "before it is freed, or let them share its ownership.");
}

TEST(advice, is_there_for_every_kind_of_finding) {
  for (int type = 0; type <= static_cast<int>(finding_type::channel_close_race); ++type) {
    finding what = sample();
    what.type = static_cast<finding_type>(type);
    EXPECT_GT(advice_for(what).size(), 40u) << type;
    EXPECT_EQ(advice_for(what).back(), '.') << type;
  }
}

TEST(arguments, are_quoted_as_a_shell_takes_them) {
  EXPECT_EQ(shell_quoted({"./app", "--n=3", "two words", "it's", "", "$HOME"}),
            R"(./app --n=3 'two words' 'it'\''s' '' '$HOME')");
}

TEST(place_in_a_sentence, is_the_innermost_of_the_program_itself) {
  stack frames = {at("memcpy", "", 0),
                  at("std::copy<int*>(int*)", "/usr/include/c++/12/bits/stl_algo.h", 10),
                  at("shop::fill()", "/src/app.cpp", 7)};
  EXPECT_EQ(short_place(telling_frame(frames)), "app.cpp:7");
  frames[0] = at("gobench::check::chan<int>::send(int)", "/src/primitives/chan.hpp", 30);
  EXPECT_EQ(short_place(telling_frame(frames)), "app.cpp:7");
  frames[0] = at("memcpy", "", 0);
  frames.pop_back();
  EXPECT_EQ(short_place(telling_frame(frames)), "stl_algo.h:10");
  frames.pop_back();
  EXPECT_EQ(short_place(telling_frame(frames)), "memcpy");
  EXPECT_EQ(short_place(telling_frame({})), "");
}

}  // namespace
}  // namespace gobench::detector::reporting
