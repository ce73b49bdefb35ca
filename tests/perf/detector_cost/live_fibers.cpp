// Fibers that are alive together: each runs, writes to its stack, learns what the one before it has published, publishes
// and waits; when all wait, each runs to its end. Then a million are started and ended, one after the other.
// Prints megabytes with all alive, nanoseconds of CPU time per fiber, and nanoseconds per fiber of the million.
#include <ctime>

#include "fibers.hpp"
#include "workload.hpp"

namespace {

constexpr std::size_t stack_size = 16 << 10;

void* main_record;
char chain;

__attribute__((noinline)) void work(int depth, volatile int* out) {
  volatile int local[8];
  for (int i = 0; i < 8; ++i) local[i] = depth;
  if (depth != 0) work(depth - 1, local);
  *out = local[depth] + 1;
}

void task() {
  learned(&chain);
  volatile int result = 0;
  work(3, &result);
  published(&chain);
}

COST_JUMPS void body(cost::context::transfer_t from) {
  for (;;) {
    task();
    switch_record(main_record);
    from = cost::context::jump_fcontext(from.fctx, nullptr);
  }
}

COST_JUMPS void resume(cost::context::fcontext_t& fiber, void* record) {
  switch_record(record);
  fiber = cost::context::jump_fcontext(fiber, nullptr).fctx;
}

double nanoseconds(std::clock_t since, int count) {
  return static_cast<double>(std::clock() - since) / CLOCKS_PER_SEC * 1e9 / count;
}

}  // namespace

int main(int count, char** arguments) {
  const int fibers = cost::number(count, arguments, 100'000);
  const int in_turn = count > 2 ? std::atoi(arguments[2]) : 1'000'000;
  const auto n = static_cast<std::size_t>(fibers);
  char* const stacks = cost::reserve_stacks(n * stack_size);
  main_record = current_record();
  std::vector<void*> records(n);
  std::vector<cost::context::fcontext_t> contexts(n);
  std::clock_t begin = std::clock();
  for (std::size_t i = 0; i < n; ++i) {
    records[i] = create_record();
    contexts[i] = cost::context::make_fcontext(stacks + (i + 1) * stack_size, stack_size, body);
    resume(contexts[i], records[i]);
  }
  const double resident = cost::resident_mb();
  for (std::size_t i = 0; i < n; ++i) resume(contexts[i], records[i]);
  for (std::size_t i = 0; i < n; ++i) destroy_record(records[i]);
  const double live = nanoseconds(begin, fibers);
  begin = std::clock();
  for (int i = 0; i < in_turn; ++i) {
    char* const stack = stacks + static_cast<std::size_t>(i) % n * stack_size;
    void* const record = create_record();
    cost::context::fcontext_t context =
        cost::context::make_fcontext(stack + stack_size, stack_size, body);
    resume(context, record);
    learned(&chain);
    destroy_record(record);
  }
  std::printf("%.0f %.0f %.0f\n", resident, live, nanoseconds(begin, in_turn));
}
