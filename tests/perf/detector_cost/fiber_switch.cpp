// The main fiber and another one hand over to each other. Prints nanoseconds of CPU time per switch, one way.
#include <ctime>

#include "fibers.hpp"
#include "workload.hpp"

namespace {

void* main_record;
cost::context::fcontext_t back;

COST_JUMPS void body(cost::context::transfer_t from) {
  for (;;) {
    switch_record(main_record);
    from = cost::context::jump_fcontext(from.fctx, nullptr);
  }
}

COST_JUMPS void ping_pong(cost::context::fcontext_t other, void* record, int rounds) {
  for (int i = 0; i < rounds; ++i) {
    switch_record(record);
    other = cost::context::jump_fcontext(other, nullptr).fctx;
  }
  back = other;
}

}  // namespace

int main(int count, char** arguments) {
  const int rounds = cost::number(count, arguments, 10'000'000);
  constexpr std::size_t stack = 64 << 10;
  char* const memory = cost::reserve_stacks(stack);
  main_record = current_record();
  void* const record = create_record();
  ping_pong(cost::context::make_fcontext(memory + stack, stack, body), record, 1000);
  const std::clock_t begin = std::clock();
  ping_pong(back, record, rounds);
  std::printf("%.2f\n",
              static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC * 1e9 / rounds / 2);
}
