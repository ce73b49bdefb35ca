#include "primitives/select.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

int select(std::span<select_case> cases) {
  constexpr std::size_t few = 8;
  primitives::select_entry on_stack[few];
  std::unique_ptr<primitives::select_entry[]> on_heap;
  if (cases.size() > few)
    on_heap = std::make_unique_for_overwrite<primitives::select_entry[]>(cases.size());
  primitives::select_plan plan(on_heap ? on_heap.get() : on_stack);
  int position = 0;
  for (select_case& c : cases) c.case_->enlist(plan, position++);
  const primitives::select_outcome outcome = primitives::run_select(plan);
  cases[static_cast<std::size_t>(outcome.position)].case_->finish(outcome.received);
  return outcome.position;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
