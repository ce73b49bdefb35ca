// The command line of a binary of the corpus: lists its cases, or runs one.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "tests/corpus/explore/corpus.hpp"

namespace {

int usage() {
  std::fputs(
      "usage: explore_NAME --list | CASE [--twin]\n"
      "  --list prints a line per case, separated by tabs: name, kinds, kinds that may be found "
      "beside,\n"
      "  file, construct\n",
      stderr);
  return 2;
}

const char* below_tests(const char* file) {
  const char* found = std::strstr(file, "tests/corpus/");
  return found != nullptr ? found : file;
}

int list() {
  std::vector<corpus::entry> sorted;
  for (const auto* each = corpus::registration::first; each != nullptr; each = each->next)
    sorted.push_back(each->one);
  std::sort(sorted.begin(), sorted.end(), [](const corpus::entry& a, const corpus::entry& b) {
    return std::string_view(a.name) < std::string_view(b.name);
  });
  for (const corpus::entry& one : sorted)
    std::printf("%s\t%s\t%s\t%s\t%s\n", one.name, one.kinds, one.beside, below_tests(one.file),
                one.construct);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  std::string_view name;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--list") return list();
    if (argument == "--twin") {
      corpus::is_twin = true;
    } else if (name.empty() && argument.substr(0, 1) != "-") {
      name = argument;
    } else {
      return usage();
    }
  }
  for (const auto* each = corpus::registration::first; each != nullptr; each = each->next) {
    if (each->one.name != name) continue;
    corpus::start(each->one.run);
    return 0;
  }
  std::fputs("there is no such case here: --list names them all\n", stderr);
  return usage();
}
