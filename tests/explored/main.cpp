// Small programs under exploration: `gobench_explored CASE` runs one, with GOBENCH_EXPLORE as the test sets it.
#include <cstring>

#include "tests/explored/cases.hpp"

int main(int count, char** arguments) {
  for (const explored::test_case* at = explored::cases; at != nullptr; at = at->next)
    if (count == 2 && std::strcmp(at->name, arguments[1]) == 0) return at->run();
  std::fprintf(stderr, "there is no such case\n");
  return 2;
}
