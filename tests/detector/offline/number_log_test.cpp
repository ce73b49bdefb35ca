#include "detector/offline/number_log.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "detector/offline/trace_error.hpp"

namespace {

using gobench::detector::offline::number_log;

TEST(number_log, gives_back_what_was_added_from_memory_and_from_the_file) {
  for (const std::size_t in_memory : {std::size_t{16}, std::size_t{1} << 20}) {
    number_log log(in_memory);
    std::vector<std::uint64_t> added;
    std::uint64_t number = 0;
    for (std::uint64_t step = 1; step < (std::uint64_t{1} << 62); step += step / 2 + 1) {
      for (int times = 0; times < 3 && number + step > number; ++times) {
        number += step;
        log.add(number);
        added.push_back(number);
      }
    }
    EXPECT_EQ(log.count(), added.size());
    for (int again = 0; again < 2; ++again) {
      std::vector<std::uint64_t> found;
      log.each([&](std::uint64_t one) { found.push_back(one); });
      EXPECT_EQ(found, added);
    }
    log.add(number + 1);  // after a look
    added.push_back(number + 1);
    std::vector<std::uint64_t> found;
    log.each([&](std::uint64_t one) { found.push_back(one); });
    EXPECT_EQ(found, added);
  }
}

TEST(number_log, says_where_room_is_needed) {
  setenv("TMPDIR", "/missing", 1);
  number_log log(4);
  std::string said;
  try {
    for (std::uint64_t i = 1; i < 100; ++i) log.add(i);
  } catch (const gobench::detector::offline::trace_error& refused) {
    said = refused.what();
  }
  unsetenv("TMPDIR");
  EXPECT_NE(said.find("name another place in TMPDIR"), std::string::npos) << said;
}

}  // namespace
