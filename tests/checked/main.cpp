// As for tests/interposed: a binary of small programs under the detector, `gobench_checked CASE`.
#include <cstring>

#include "tests/interposed/cases.hpp"

int main(int count, char** arguments) {
  for (const interposed::test_case* at = interposed::cases; at != nullptr; at = at->next) {
    if (count < 2) {
      if (std::strncmp(at->name, "unlisted", 8) == 0) continue;
      std::printf("%s %s\n", at->racy ? "racy" : "silent", at->name);
    } else if (std::strcmp(at->name, arguments[1]) == 0) {
      at->run();
      return 0;
    }
  }
  return count < 2 ? 0 : 2;
}
