// The cases of gobench_explored. What a case prints, and its exit code, are what the test looks at.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace explored {

struct test_case {
  const char* name;
  int (*run)();
  test_case* next;
};
inline test_case* cases = nullptr;

struct registered {
  test_case here;
  registered(const char* name, int (*run)()) : here{name, run, cases} { cases = &here; }
};

}  // namespace explored

#define EXPLORED(name)                                               \
  static int name();                                                 \
  static const explored::registered registered_##name(#name, &name); \
  static int name()
