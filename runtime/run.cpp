#include "runtime/run.hpp"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/cpus.hpp"
#include "runtime/errors.hpp"
#include "runtime/instrument.hpp"
#include "runtime/internal/context.hpp"
#include "runtime/internal/counts.hpp"
#include "runtime/internal/overflow.hpp"
#include "runtime/internal/quit_signal.hpp"
#include "runtime/internal/refusal.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/size_text.hpp"
#include "runtime/internal/thread_backend.hpp"
#include "runtime/internal/trace_point.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

constexpr int explored_procs = 4;

bool parse_strategy(std::string_view text, stack_strategy& into) noexcept {
  using enum stack_strategy;
  for (const auto& [name, value] : {std::pair<std::string_view, stack_strategy>{"lazy", lazy},
                                    {"pooled", pooled},
                                    {"fixed", fixed},
                                    {"segmented", segmented}}) {
    if (text != name) continue;
    into = value;
    return true;
  }
  return false;
}

// "64k", "pooled", "fixed,1m,unguarded". Throws std::invalid_argument.
void parse_stack(std::string_view text, stack_options& into) {
  bool sized = false;
  bool named = false;
  bool ended = false;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    bool known = false;
    if (word == "guarded" || word == "unguarded") {
      known = !std::exchange(ended, true);
      into.guard = word == "guarded";
    } else if (parse_strategy(word, into.strategy)) {
      known = !std::exchange(named, true);
    } else if (const std::size_t size = parse_size(word, largest_stack); size >= smallest_stack) {
      known = !std::exchange(sized, true);
      into.reserve = size;
    }
    if (!known)
      throw std::invalid_argument(
          "GOBENCH_STACK=" + std::string(text) +
          " is not a size from 4k to 1g, a strategy (lazy, pooled, fixed, segmented), guarded or "
          "unguarded, or one each of these with commas between them");
    if (comma == std::string_view::npos) return;
    rest.remove_prefix(comma + 1);
  }
}

// GOBENCH_PROCS, or 0 where it is not set.
int procs_from_environment() {
  const char* text = std::getenv("GOBENCH_PROCS");
  if (text == nullptr || *text == '\0') return 0;
  int procs = 0;
  const char* end = text + std::strlen(text);
  const auto parsed = std::from_chars(text, end, procs);
  if (parsed.ec != std::errc{} || parsed.ptr != end || procs < 1 || procs > largest_procs)
    throw std::invalid_argument("GOBENCH_PROCS=" + std::string(text) +
                                " is not a number from 1 to " + std::to_string(largest_procs));
  return procs;
}

void apply_environment(options& chosen) {
  if (const int procs = procs_from_environment(); procs != 0) chosen.procs = procs;
  if (const char* text = std::getenv("GOBENCH_BACKEND"); text != nullptr && *text != '\0') {
    const std::string_view name(text);
    if (name == "fiber") {
      chosen.kind = backend::fiber;
    } else if (name == "thread") {
      chosen.kind = backend::thread;
    } else {
      throw std::invalid_argument("GOBENCH_BACKEND=" + std::string(text) +
                                  " is neither fiber nor thread");
    }
  }
  if (const char* text = std::getenv("GOBENCH_HAND_OFF"); text != nullptr && *text != '\0') {
    const std::string_view name(text);
    if (name != "on" && name != "off")
      throw std::invalid_argument("GOBENCH_HAND_OFF=" + std::string(text) +
                                  " is neither on nor off");
    chosen.hand_off = name == "on";
  }
  if (const char* text = std::getenv("GOBENCH_RUN_QUEUE"); text != nullptr && *text != '\0') {
    const std::string_view name(text);
    if (name != "local" && name != "global")
      throw std::invalid_argument("GOBENCH_RUN_QUEUE=" + std::string(text) +
                                  " is neither local nor global");
    chosen.queues = name == "global" ? queue_policy::global : queue_policy::local;
  }
  if (const char* text = std::getenv("GOBENCH_STACK"); text != nullptr && *text != '\0')
    parse_stack(text, chosen.stack);
}

options settle(options chosen) {
  apply_environment(chosen);
  if (instrument::explored()) {
    // Tasks and other threads are the same thing to an explorer then; and what is seen of the machine is the same anywhere.
    chosen.kind = backend::thread;
    if (chosen.procs == 0) chosen.procs = explored_procs;
  }
  if (chosen.procs == 0) chosen.procs = usable_cpus();
  if (chosen.procs < 1 || chosen.procs > largest_procs)
    throw std::invalid_argument("options::procs is not a number from 1 to " +
                                std::to_string(largest_procs));
  std::size_t& reserve = chosen.stack.reserve;
  const bool segmented =
      chosen.kind == backend::fiber && chosen.stack.strategy == stack_strategy::segmented;
  if (segmented && !split_stacks_here())
    throw std::invalid_argument(
        "segmented stacks need a program whose own code is compiled with -fsplit-stack (by g++, "
        "and linked with -fuse-ld=gold), and this one is not: compile it so, or take another "
        "strategy in options::stack or GOBENCH_STACK");
  if (reserve == 0 && chosen.kind == backend::fiber)
    reserve = segmented ? default_first_segment : default_fiber_stack;
  if (reserve != 0 && (reserve < smallest_stack || reserve > largest_stack))
    throw std::invalid_argument("options::stack.reserve is not a size from 4 KiB to 1 GiB");
  reserve = (reserve + page_bytes - 1) / page_bytes * page_bytes;
  if (chosen.seed == 0) {
    std::random_device entropy;
    chosen.seed = (std::uint64_t{entropy()} << 32) | entropy();
  }
  return chosen;
}

std::atomic<bool> running{false};
std::atomic<std::uint64_t> runs{0};

}  // namespace

std::uint64_t latest_run() noexcept { return runs.load(); }

void check_options(const options& chosen) { static_cast<void>(settle(chosen)); }

int procs_to_start_with() {
  const int procs = procs_from_environment();
  return procs != 0 ? procs : usable_cpus();
}

void run_main(const options& asked, const std::function<void()>& main_task, source_location born) {
  GOBENCH_INTERNAL_SCOPE();
  const options chosen = settle(asked);
  if (running.exchange(true))
    throw misuse("gobench::run() inside a run, or while another thread is in one: use go() there");
  struct leave_run {
    ~leave_run() {
      leave_quit_signal();
      trace::end_run();
      running.store(false);
    }
  } const at_return;
  install_overflow_handler();
  trace::begin_run();
  // A thread of ours would look out for it.
  if (!instrument::explored()) take_quit_signal();
  begin_counting();
  const std::uint64_t number = runs.fetch_add(1) + 1;
  const bool fibers = chosen.kind == backend::fiber;
  control& task = take_control(fibers ? waiter_kind::fiber : waiter_kind::thread_task, born);
  task.is_main = true;  // before it has a number, and others may look at it
  number_control(task, number);
  work_of(task).emplace([&main_task] { main_task(); });
  struct reference {
    control& held;
    ~reference() {
      // What the main task did is seen by who called run(), also when that throws; and what those did
      // that the end of the run has unwound.
      GOBENCH_HOOK(acquire(&held));
      GOBENCH_HOOK(acquire(&end_of_run));
      drop_reference(held);
    }
  } const ours{task};
  if (fibers) {
    save_float_control(task.floats);
    task.record = instrument::task_created(instrument::born_as::fiber);
    scheduler::instance().run(chosen, task);
  } else {
    thread_backend::instance().run(chosen, task);
  }
  if (task.failure != nullptr) std::rethrow_exception(std::exchange(task.failure, nullptr));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
