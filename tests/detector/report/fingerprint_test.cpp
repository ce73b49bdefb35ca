#include <gtest/gtest.h>

#include <utility>

#include "detector/report/finding.hpp"
#include "tests/detector/report/samples.hpp"

namespace gobench::detector::reporting {
namespace {

std::uint64_t changed(void (*change)(finding&)) {
  finding what = sample();
  change(what);
  return fingerprint_of(what);
}
const std::uint64_t original = fingerprint_of(sample());

TEST(fingerprint, has_sixteen_digits) { EXPECT_EQ(fingerprint_text(0x12ab), "00000000000012ab"); }

TEST(fingerprint, is_known_for_ever) {
  // Baselines hold it: a change of the rule makes all their findings new. Change it only for a reason.
  EXPECT_EQ(fingerprint_text(original), "5bd28ce9122c48dc");
}

TEST(fingerprint, knows_no_order_of_the_sides) {
  EXPECT_EQ(original,
            changed([](finding& what) { std::swap(what.accesses[0], what.accesses[1]); }));
}

TEST(fingerprint, does_not_depend_on_addresses_lines_and_tasks) {
  EXPECT_EQ(original, changed([](finding& what) {
              for (access_told& access : what.accesses) {
                access.where += 4096;
                for (frame& one : access.frames) {
                  one.line += 7;
                  one.column += 1;
                  one.offset += 16;
                  one.module = "/elsewhere/app";
                  one.file = "/other/app.cpp";
                }
              }
              what.tasks[1].name = "other";
              what.tasks[1].id = 9;
            }));
}

TEST(fingerprint, does_not_depend_on_which_access_was_seen_first_as_what) {
  EXPECT_EQ(original, changed([](finding& what) {
              what.accesses[1].what = operation::write;
              what.accesses[1].size = 8;
              what.accesses[1].locks.clear();
            }));
}

TEST(fingerprint, does_not_depend_on_callers_far_down_nor_on_the_library) {
  EXPECT_EQ(changed([](finding& what) {
              for (access_told& access : what.accesses) access.frames.resize(1);
              for (const char* name : {"a()", "b()", "far()"})
                what.accesses[0].frames.push_back(at(name, "x.cpp", 1));
            }),
            changed([](finding& what) {
              for (access_told& access : what.accesses) access.frames.resize(1);
              what.accesses[0].frames.insert(what.accesses[0].frames.begin(),
                                             at("std::swap<int>(int&, int&)", "utility", 3));
              for (const char* name : {"a()", "b()", "further()"})
                what.accesses[0].frames.push_back(at(name, "x.cpp", 1));
            }));
}

TEST(fingerprint, does_not_depend_on_instances_and_numbers_of_lambdas) {
  const auto with = [](const char* name) {
    finding what = sample();
    what.accesses[0].frames[0].function = name;
    return fingerprint_of(what);
  };
  EXPECT_EQ(with("f<int>(int)"), with("f<long>(long)"));
  EXPECT_EQ(with("main::{lambda(int)#1}::operator()(int) const"),
            with("main::{lambda#4}::operator()(int) const"));
  EXPECT_NE(with("f(int)"), with("g(int)"));
}

TEST(fingerprint, tells_functions_kinds_and_variables_apart) {
  EXPECT_NE(original,
            changed([](finding& what) { what.accesses[1].frames[0].function = "shop::other()"; }));
  EXPECT_NE(original, changed([](finding& what) { what.type = finding_type::race_with_free; }));
  EXPECT_EQ(original, changed([](finding& what) { what.type = finding_type::atomic_race; }));
  EXPECT_NE(changed([](finding& what) { what.type = finding_type::double_lock; }),
            changed([](finding& what) { what.type = finding_type::invalid_lock; }));
  const auto global = [](const char* name) {
    finding what = sample();
    what.object.kind = location_kind::global;
    what.object.name = name;
    return fingerprint_of(what);
  };
  EXPECT_NE(global("a"), global("b"));
}

}  // namespace
}  // namespace gobench::detector::reporting
