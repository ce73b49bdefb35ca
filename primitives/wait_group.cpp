#include "primitives/wait_group.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

__attribute__((cold, noinline)) void wait_group::refuse(primitives::countdown::change why) const {
  if (why == primitives::countdown::change::below_zero) {
    GOBENCH_HOOK(wait_group_operation(this, instrument::wait_group_event::below_zero));
    throw misuse(
        "the count of a wait_group would become negative; call done once for each that was added");
  }
  throw misuse("the count of a wait_group would exceed 2^62; call done for what was added");
}

__attribute__((cold, noinline)) void wait_group::reused() {
  throw misuse(
      "a wait_group was used again before every wait had returned; add only after that, or take "
      "another wait_group");
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
