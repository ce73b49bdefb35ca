// Runs the cases of tests/interposed, each in a process of its own: a racy one ends with exit code 66, a silent
// one with 0 and without a word of the detector.
#if defined(GOBENCH_INTERPOSED_PATH)

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace {

struct outcome {
  int exit_code;
  std::string output;
};

outcome run(const std::string& arguments) {
  const std::string command =
      "timeout 60 " GOBENCH_INTERPOSED_PATH " " + arguments + " 2>&1 </dev/null";
  FILE* output = popen(command.c_str(), "r");
  if (output == nullptr) return {-1, "popen failed"};
  std::string text;
  std::array<char, 4096> part;
  while (std::fgets(part.data(), part.size(), output) != nullptr) text += part.data();
  const int status = pclose(output);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text};
}

struct listed {
  std::string name;
  bool racy;
};

std::vector<listed> list() {
  std::vector<listed> cases;
  const std::string text = run("").output;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    const std::size_t space = line.find(' ');
    if (space != std::string::npos) cases.push_back({line.substr(space + 1), line[0] == 'r'});
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return cases;
}

class interposed : public testing::TestWithParam<listed> {};

TEST_P(interposed, as_it_says) {
  const auto [name, racy] = GetParam();
  const outcome got = run(name);
  EXPECT_EQ(got.exit_code, racy ? 66 : 0) << "Again: " GOBENCH_INTERPOSED_PATH " " << name << "\n"
                                          << got.output;
  const bool told = got.output.find("gobench:") != std::string::npos;
  EXPECT_EQ(told, racy) << got.output;
}

INSTANTIATE_TEST_SUITE_P(cases, interposed, testing::ValuesIn(list()),
                         [](const auto& about) { return about.param.name; });

TEST(interposed_cases, are_there) { EXPECT_GT(list().size(), 190U); }

}  // namespace

#endif
