// Files, gzip, and what can be wrong with them.
#include <gtest/gtest.h>

#include <string>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/trace_error.hpp"
#include "detector/offline/trace_source.hpp"
#include "tests/detector/offline/support.hpp"

namespace {

using namespace gobench::detector::offline;

std::string all_of(byte_input& input, std::size_t at_once = 1000) {
  std::string made;
  std::string part(at_once, '\0');
  while (const std::size_t count = input.read(part.data(), part.size())) {
    made.append(part, 0, count);
  }
  return made;
}

std::string said_about(const std::string& content) {
  try {
    byte_input input("f", content);
    all_of(input);
  } catch (const trace_error& refused) {
    return refused.what();
  }
  return {};
}

std::string numbers(int count) {
  std::string made;
  for (int i = 0; i < count; ++i) made += std::to_string(i) + "\n";
  return made;
}

TEST(byte_input, gives_a_file_as_it_is_and_packed_ones_unpacked) {
  const std::string text = numbers(50'000);
  for (const std::size_t at_once : {1U, 7U, 100'000U}) {
    byte_input plain("f", text);
    EXPECT_EQ(all_of(plain, at_once), text);
    byte_input zipped("f", packed(text));
    EXPECT_EQ(zipped.peek(4), text.substr(0, 4));
    EXPECT_EQ(all_of(zipped, at_once), text);
  }
  const scratch_file file(packed(text));
  byte_input from_file(file.path());
  EXPECT_EQ(from_file.name(), file.path());
  EXPECT_EQ(all_of(from_file), text);
}

TEST(byte_input, reads_gzip_files_that_were_put_together) {
  byte_input input("f", packed("one ") + packed("two") + std::string(512, '\0'));
  EXPECT_EQ(all_of(input), "one two");
}

TEST(byte_input, says_what_is_wrong_with_packed_data) {
  const std::string good = packed(numbers(1000));
  EXPECT_EQ(said_about(good), "");
  for (const std::size_t size : {std::size_t{8}, good.size() / 2, good.size() - 1}) {
    EXPECT_EQ(said_about(good.substr(0, size)),
              "f: the gzip data ends in the middle; make or copy the file again.");
  }
  std::string damaged = good;
  damaged[good.size() - 6] ^= 0x55;  // of the check sum
  EXPECT_EQ(said_about(damaged),
            "f: the gzip data is damaged (incorrect data check); make or copy the file again.");
  EXPECT_EQ(said_about(good + "x"),
            "f: the gzip data ends in the middle; make or copy the file again.");
  EXPECT_EQ(said_about(good + "xyz and more"),
            "f: the gzip data is damaged (incorrect header check); make or copy the file again.");
  EXPECT_EQ(said_about(packed("")),
            "f is empty once it is unpacked; a trace has lines such as T1|w(x)|12.");
}

TEST(byte_input, knows_other_ways_of_packing) {
  EXPECT_NE(said_about("\x28\xb5\x2f\xfd rest").find("zstd -dc FILE | gobench analyze -"),
            std::string::npos);
  EXPECT_NE(said_about("\xfd"
                       "7zXZ rest")
                .find("xz -dc FILE"),
            std::string::npos);
  EXPECT_NE(said_about("BZh91AY").find("bzip2 -dc FILE"), std::string::npos);
}

TEST(byte_input, refuses_what_is_no_file_with_a_reason) {
  const auto said = [](const std::string& path) -> std::string {
    try {
      open_trace(path);
    } catch (const trace_error& refused) {
      return refused.what();
    }
    return {};
  };
  EXPECT_EQ(said("missing/t.std"),
            "missing/t.std cannot be opened: No such file or directory; check the path.");
  EXPECT_EQ(said("/"), "/ is a directory; name a trace file in it.");
  const scratch_file empty("");
  EXPECT_EQ(said(empty.path()), empty.path() + " is empty; a trace has lines such as T1|w(x)|12.");
}

TEST(byte_input, a_trace_without_events_is_refused) {
  EXPECT_EQ(objection_to("\n\n"), "t.std has no event; a trace has lines such as T1|w(x)|12.");
}

}  // namespace
