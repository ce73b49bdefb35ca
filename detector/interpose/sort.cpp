// qsort: elements are moved by the C library, which is a write of the whole array; the comparison is the program's.
#include <cstdlib>

#include "detector/interpose/modules.hpp"
#include "detector/interpose/real.hpp"

namespace gobench::detector::interpose {

GOBENCH_REAL(qsort);
GOBENCH_REAL(qsort_r);

namespace {

void sorted(void* start, std::size_t count, std::size_t size, address pc) noexcept {
  if (count > 1 && size != 0 && judged(pc)) write_range(start, count * size, pc);
}

}  // namespace

GOBENCH_INTERPOSED(void, qsort, void* start, std::size_t count, std::size_t size,
                   __compar_fn_t compare) {
  if (is_internal()) return real_qsort(start, count, size, compare);
  sorted(start, count, size, GOBENCH_CALLER_PC());
  const function_scope here{GOBENCH_CALLER_PC()};
  real_qsort(start, count, size, compare);
}

GOBENCH_INTERPOSED(void, qsort_r, void* start, std::size_t count, std::size_t size,
                   __compar_d_fn_t compare, void* argument) {
  if (is_internal()) return real_qsort_r(start, count, size, compare, argument);
  sorted(start, count, size, GOBENCH_CALLER_PC());
  const function_scope here{GOBENCH_CALLER_PC()};
  real_qsort_r(start, count, size, compare, argument);
}

}  // namespace gobench::detector::interpose
