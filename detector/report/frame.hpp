// One line of a stack as people read it. An address has several of them where functions were inlined.
#pragma once

#include <string>
#include <vector>

#include "detector/report/raw_finding.hpp"

namespace gobench::detector::reporting {

struct frame {
  std::string function;  // readable, without its return type; empty: unknown
  std::string symbol;    // as the linker knows it; empty: none is known
  std::string file;      // empty: unknown
  int line = 0;
  int column = 0;
  std::string module;    // path of the program or library; empty: the address is in none
  address offset = 0;    // in the module, or the address itself
  bool inlined = false;  // into the next one
};

// Innermost first.
using stack = std::vector<frame>;

}  // namespace gobench::detector::reporting
