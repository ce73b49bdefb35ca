#include "detector/engine/backtrace.hpp"

#include <unwind.h>

#include <cstddef>

#include "detector/engine/engine.hpp"
#include "detector/engine/task_state.hpp"

namespace gobench::detector {
namespace {

struct walk {
  static constexpr std::size_t most = 64;
  address pcs[most];
  std::size_t count = 0;
  address from;  // frames before the one that returns there are the detector's
  bool begun = false;
};

_Unwind_Reason_Code step(_Unwind_Context* context, void* given) {
  walk& w = *static_cast<walk*>(given);
  const address pc = _Unwind_GetIP(context);
  if (pc == w.from) w.begun = true;
  if (w.begun) w.pcs[w.count++] = pc;
  return w.count == walk::most ? _URC_END_OF_STACK : _URC_NO_REASON;
}

}  // namespace

stack_id whole_stack_of(task_state& task, address pc) noexcept {
  const internal_scope inside;
  walk w;
  w.from = pc;
  _Unwind_Backtrace(&step, &w);
  if (!w.begun) return stack_of(task, pc);
  stack_id id = 0;
  for (std::size_t i = w.count; i-- != 0;) id = stack_with(id, w.pcs[i]);
  return id;
}

}  // namespace gobench::detector
