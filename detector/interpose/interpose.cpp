#include "detector/interpose/interpose.hpp"

#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector {

void start_interposition() noexcept {
  const internal_scope inside;
  interpose::resolve_all();
  interpose::find_modules();
  interpose::start_threads();
  interpose::start_process();
}

}  // namespace gobench::detector
