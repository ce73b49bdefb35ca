// The command line of a corpus binary: lists its cases, or runs one.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "tests/corpus/race/corpus.hpp"

namespace {

int usage() {
  std::fputs(
      "usage: corpus_NAME --list | CASE [--twin] [--backend fiber|thread] [--procs N]\n"
      "  --list prints a line per case, separated by tabs: name, kind, the functions on either "
      "side, file, construct\n",
      stderr);
  return 2;
}

const char* below_tests(const char* file) {
  const char* found = std::strstr(file, "tests/corpus/");
  return found != nullptr ? found : file;
}

int list() {
  auto sorted = corpus::entries();
  std::sort(sorted.begin(), sorted.end(), [](const corpus::entry& a, const corpus::entry& b) {
    return std::string_view(a.name) < std::string_view(b.name);
  });
  for (const corpus::entry& one : sorted)
    std::printf("%s\t%s\t%s\t%s\t%s\t%s\n", one.name, one.kind, one.first, one.second,
                below_tests(one.file), one.construct);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  corpus::settings chosen;
  std::string_view name;
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--list") return list();
    if (argument == "--twin") {
      chosen.twin = true;
    } else if (argument == "--backend" && i + 1 < count) {
      chosen.fibers = std::string_view(arguments[++i]) == "fiber";
    } else if (argument == "--procs" && i + 1 < count) {
      chosen.procs = std::atoi(arguments[++i]);
    } else if (name.empty() && argument.substr(0, 1) != "-") {
      name = argument;
    } else {
      return usage();
    }
  }
  for (const corpus::entry& one : corpus::entries()) {
    if (one.name != name) continue;
    one.run(chosen);
    return 0;
  }
  std::fputs("there is no such case here: --list names them all\n", stderr);
  return usage();
}
