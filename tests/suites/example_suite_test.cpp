// The example of docs/writing-a-suite.md is this folder's example_suite.cpp, and it works.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "suites/harness.hpp"
#include "suites/plan.hpp"

namespace {

using namespace gobench::suites;

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(example_suite, is_the_one_in_the_documentation) {
  const std::filesystem::path here = std::filesystem::path(__FILE__).parent_path();
  const std::string code = content_of(here / "example_suite.cpp");
  const std::string text = content_of(here / "../../docs/writing-a-suite.md");
  ASSERT_FALSE(code.empty());
  EXPECT_NE(text.find("```cpp\n" + code + "```\n"), std::string::npos)
      << "docs/writing-a-suite.md does not show tests/suites/example_suite.cpp as it is";
}

TEST(example_suite, proves_its_result) {
  const suite* one = find_suite("example-yield");
  ASSERT_NE(one, nullptr);
  selection chosen;
  chosen.procs = {2};
  const auto cases = plan(*one, chosen);
  EXPECT_EQ(cases.size(), 2U * (1 + 3 * 2));
  for (const planned_case& c : cases) {
    const measurement taken = c.what->run(c.where, 100);
    EXPECT_TRUE(taken.result.holds()) << describe(c) << ": " << taken.result.wrong();
  }
}

}  // namespace
