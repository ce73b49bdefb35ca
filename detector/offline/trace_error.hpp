// A trace that cannot be read or is none, as one sentence that begins with the file and, where there is
// one, the place: "app.std:12: expected ...".
#pragma once

#include <stdexcept>
#include <string>

namespace gobench::detector::offline {

class trace_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace gobench::detector::offline
