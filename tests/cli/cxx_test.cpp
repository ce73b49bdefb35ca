// How `gobench cxx` understands what a compiler is asked, and what it makes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/cxx/arguments.hpp"
#include "cli/cxx/driver.hpp"
#include "cli/failure.hpp"
#include "tests/cli/process.hpp"

namespace {

using namespace gobench::cli;
using words = std::vector<std::string>;

const cxx::compiler gcc{.words = {"/usr/bin/g++"}, .family = cxx::compiler_family::gcc};
const cxx::compiler clang{.words = {"/usr/bin/clang++"}, .family = cxx::compiler_family::clang};
const cxx::check_library library{.told_by = {},
                                 .compile = {"-I/inc"},
                                 .link = {"/lib/libgobench_check.a", "-ldw"},
                                 .missing = {}};

std::vector<cxx::call> planned(const words& typed, const cxx::compiler& with = gcc) {
  return cxx::plan(cxx::understand(typed), with, library, "/tmp/s");
}

bool has(const cxx::call& call, const std::string& word) {
  return std::ranges::find(call, word) != call.end();
}

struct question {
  words typed;
  cxx::work answer;
};
class understood : public ::testing::TestWithParam<question> {};

TEST_P(understood, what_is_to_be_done) {
  EXPECT_EQ(cxx::understand(GetParam().typed).to_do, GetParam().answer)
      << ::testing::PrintToString(GetParam().typed);
}

INSTANTIATE_TEST_SUITE_P(
    questions, understood,
    ::testing::Values(
        question{{"-g", "a.cpp", "-o", "a"}, cxx::work::compile_and_link},
        question{{"-c", "a.cpp"}, cxx::work::compile}, question{{"-E", "a.cc"}, cxx::work::compile},
        question{{"-S", "a.C"}, cxx::work::compile}, question{{"-M", "a.cxx"}, cxx::work::compile},
        question{{"-fsyntax-only", "a.cpp"}, cxx::work::compile},
        question{{"-MD", "-MF", "a.d", "a.cpp"}, cxx::work::compile_and_link},
        question{{"a.o", "-o", "a"}, cxx::work::link}, question{{"a.o", "-lm"}, cxx::work::link},
        question{{"-shared", "a.o", "-o", "a.so"}, cxx::work::link},
        question{{"libx.a"}, cxx::work::link}, question{{"--version"}, cxx::work::nothing},
        question{{"-v"}, cxx::work::nothing}, question{{"-dumpmachine"}, cxx::work::nothing},
        question{{"-print-search-dirs"}, cxx::work::nothing}, question{{}, cxx::work::nothing},
        question{{"-Wl,-v"}, cxx::work::nothing},
        question{{"-x", "c++", "-"}, cxx::work::compile_and_link},
        question{{"-x", "c++", "-c", "text"}, cxx::work::compile},
        question{{"-x", "c++", "text", "-x", "none", "a.o"}, cxx::work::compile_and_link},
        question{{"a.hpp"}, cxx::work::compile},  // a precompiled header
        question{{"-o", "a.cpp"}, cxx::work::nothing},
        question{{"-I", "a.cpp"}, cxx::work::nothing},
        question{{"-isystem", "x.cpp", "b.o"}, cxx::work::link}));

TEST(cxx_arguments, a_debug_option_is_told_from_others_that_begin_like_one) {
  for (const char* yes :
       {"-g", "-g0", "-g3", "-ggdb", "-ggdb3", "-gdwarf-5", "-gline-tables-only"}) {
    EXPECT_TRUE(cxx::understand({yes, "-c", "a.cpp"}).debug) << yes;
  }
  for (const char* no : {"-gz", "-gsplit-dwarf", "-gcc-toolchain"}) {
    EXPECT_FALSE(cxx::understand({no, "-c", "a.cpp"}).debug) << no;
  }
}

TEST(cxx_arguments, response_files_are_opened_and_written) {
  EXPECT_EQ(cxx::words_of("a 'b c'\n\"d \\\"e\" f\\ g ''"),
            (words{"a", "b c", "d \"e", "f g", ""}));
  for (const std::string word : {"plain", "two words", "q'uote\"s", "back\\slash", ""}) {
    EXPECT_EQ(cxx::words_of(cxx::as_response(word)), words{word});
  }
  const scratch here;
  here.write("inner", "-c 'my file.cpp'");
  here.write("outer", "-O1 @" + here.path("inner"));
  const cxx::arguments asked = cxx::understand({"@" + here.path("outer"), "@nowhere"});
  EXPECT_TRUE(asked.response_files);
  EXPECT_EQ(asked.to_do, cxx::work::compile);
  EXPECT_EQ(asked.items.size(), 4U);  // -O1, -c, the source, and a word that is no file
}

TEST(cxx_plan, compiling_adds_the_flags_and_keeps_what_the_user_chose) {
  const cxx::call plain = planned({"-c", "a.cpp", "-o", "a.o"}).at(0);
  for (const char* flag : {"-fsanitize=thread", "-g", "-DGOBENCH_FLAVOUR_CHECK", "-I/inc"}) {
    EXPECT_TRUE(has(plain, flag)) << flag;
  }
  EXPECT_FALSE(has(plain, "-gdwarf-aranges"));
  EXPECT_FALSE(has(planned({"-g1", "-c", "a.cpp"}).at(0), "-g"));
  const cxx::call wide = planned({"-mavx2", "-c", "a.cpp"}, clang).at(0);
  EXPECT_TRUE(has(wide, "-gdwarf-aranges"));
  EXPECT_TRUE(has(wide, "-mprefer-vector-width=128"));
}

TEST(cxx_plan, linking_takes_the_library_and_not_the_compilers_detector) {
  const cxx::call call = planned({"a.o", "-o", "a", "-fsanitize=thread", "-lm"}).at(0);
  EXPECT_FALSE(has(call, "-fsanitize=thread"));
  ASSERT_GE(call.size(), 3U);
  EXPECT_EQ(call[call.size() - 2], "/lib/libgobench_check.a");
  EXPECT_TRUE(has(planned({"a.o", "-fsanitize=thread,undefined"}).at(0), "-fsanitize=undefined"));
}

TEST(cxx_plan, a_shared_library_gets_the_detector_from_its_program) {
  const cxx::call call = planned({"-shared", "a.o", "-o", "a.so"}).at(0);
  EXPECT_FALSE(has(call, "/lib/libgobench_check.a"));
  EXPECT_TRUE(has(planned({"-shared", "-fPIC", "a.cpp", "-o", "a.so"}).at(0), "-fsanitize=thread"));
}

TEST(cxx_plan, both_at_once_is_a_call_per_source_and_one_that_links) {
  const auto calls = planned({"-O1", "-DX=1", "-std=c++20", "a.cpp", "b.o", "sub/a.cc",
                              "-Wl,-z,now", "-L/x", "-ly", "-o", "app", "-MD"});
  ASSERT_EQ(calls.size(), 3U);
  const words first = {"/usr/bin/g++",
                       "-O1",
                       "-DX=1",
                       "-std=c++20",
                       "-MD",
                       "-fsanitize=thread",
                       "-DGOBENCH_FLAVOUR_CHECK",
                       "-g",
                       "-Wno-tsan",
                       "-I/inc",
                       "-MF",
                       "app-a.d",
                       "-MT",
                       "app",
                       "-c",
                       "-o",
                       "/tmp/s/a-0.o",
                       "a.cpp"};
  EXPECT_EQ(calls[0], first);
  EXPECT_TRUE(has(calls[1], "/tmp/s/a-1.o"));
  const words last = {"/usr/bin/g++", "-O1",          "-std=c++20", "/tmp/s/a-0.o",
                      "b.o",          "/tmp/s/a-1.o", "-Wl,-z,now", "-L/x",
                      "-ly",          "-o",           "app",        "/lib/libgobench_check.a",
                      "-ldw"};
  EXPECT_EQ(calls[2], last);
}

TEST(cxx_plan, a_language_that_was_named_is_that_of_the_source_and_not_of_the_objects) {
  const auto calls = planned({"-x", "c++", "text", "-x", "none", "b.o"});
  ASSERT_EQ(calls.size(), 2U);
  const auto language = std::ranges::find(calls[0], "-x");
  ASSERT_NE(language, calls[0].end());
  EXPECT_EQ(*(language + 1), "c++");
  EXPECT_FALSE(has(calls[1], "-x"));
}

TEST(cxx_plan, questions_to_the_compiler_are_passed_on_as_they_are) {
  EXPECT_EQ(planned({"--version"}).at(0), (words{"/usr/bin/g++", "--version"}));
}

TEST(cxx_plan, assembly_is_not_instrumented) {
  EXPECT_FALSE(has(planned({"-c", "a.s"}).at(0), "-fsanitize=thread"));
  EXPECT_TRUE(has(planned({"-c", "a.s", "b.cpp"}).at(0), "-fsanitize=thread"));
}

TEST(cxx_plan, what_cannot_be_checked_is_told) {
  EXPECT_THROW(planned({"-static", "a.o"}), usage_error);
  EXPECT_NO_THROW(planned({"-static-libgcc", "a.o"}));
  cxx::check_library without = library;
  without.missing = {"/lib/libgobench_check.a"};
  EXPECT_THROW(cxx::plan(cxx::understand({"a.o"}), gcc, without, ""), environment_error);
  EXPECT_NO_THROW(cxx::plan(cxx::understand({"-c", "a.cpp"}), gcc, without, ""));
}

TEST(cxx_command, says_what_is_wrong) {
  outcome found = typed({"cxx"});
  EXPECT_EQ(found.code, 2);
  EXPECT_NE(found.err.find("gobench cxx --help"), std::string::npos) << found.err;
  found = typed({"cxx", "--print-flags", "run"});
  EXPECT_EQ(found.code, 2);
  EXPECT_NE(found.err.find("compile or link"), std::string::npos) << found.err;
  found = run(
      {.arguments = {"cxx", "-c", "a.cpp"}, .environment = {{"GOBENCH_CXX", "no-such-compiler"}}});
  EXPECT_EQ(found.code, 4);
  EXPECT_NE(found.err.find("GOBENCH_CXX names the compiler no-such-compiler"), std::string::npos)
      << found.err;
}

TEST(cxx_command, is_the_compiler_for_what_it_does_not_know) {
  const outcome found = typed({"cxx", "--version"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_NE(found.out.find('.'), std::string::npos);
}

TEST(cxx_command, does_not_call_itself) {
  const outcome found =
      run({.arguments = {"cxx", "--version"}, .environment = {{"CXX", "ccache gobench-c++"}}});
  EXPECT_EQ(found.code, 0) << found.err;
}

}  // namespace
