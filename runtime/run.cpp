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
#include "runtime/internal/context.hpp"
#include "runtime/internal/overflow.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/thread_backend.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime {
namespace {

// "64k", "1m", "1g" or bytes; 0 when it is none of these.
std::size_t parse_size(std::string_view text) noexcept {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{}) return 0;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  int shift = 0;
  if (unit == "k" || unit == "K" || unit == "KiB") {
    shift = 10;
  } else if (unit == "m" || unit == "M" || unit == "MiB") {
    shift = 20;
  } else if (unit == "g" || unit == "G" || unit == "GiB") {
    shift = 30;
  } else if (!unit.empty()) {
    return 0;
  }
  return size <= (largest_stack >> shift) ? size << shift : 0;
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
  if (const char* text = std::getenv("GOBENCH_STACK"); text != nullptr && *text != '\0') {
    chosen.stack.reserve = parse_size(text);
    if (chosen.stack.reserve < smallest_stack)
      throw std::invalid_argument("GOBENCH_STACK=" + std::string(text) +
                                  " is not a size from 4k to 1g");
  }
}

options settle(options chosen) {
  apply_environment(chosen);
  if (chosen.procs == 0) chosen.procs = usable_cpus();
  if (chosen.procs < 1 || chosen.procs > largest_procs)
    throw std::invalid_argument("options::procs is not a number from 1 to " +
                                std::to_string(largest_procs));
  std::size_t& reserve = chosen.stack.reserve;
  if (reserve == 0 && chosen.kind == backend::fiber) reserve = default_fiber_stack;
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

int procs_to_start_with() {
  const int procs = procs_from_environment();
  return procs != 0 ? procs : usable_cpus();
}

void run_main(const options& asked, const std::function<void()>& main_task, source_location born) {
  const options chosen = settle(asked);
  if (running.exchange(true))
    throw misuse("gobench::run() inside a run, or while another thread is in one: use go() there");
  struct leave_run {
    ~leave_run() { running.store(false); }
  } const at_return;
  install_overflow_handler();
  const std::uint64_t number = runs.fetch_add(1) + 1;
  const bool fibers = chosen.kind == backend::fiber;
  control& task = take_control(fibers ? waiter_kind::fiber : waiter_kind::thread_task, born);
  number_control(task, number);
  task.is_main = true;
  work_of(task).emplace([&main_task] { main_task(); });
  struct reference {
    control& held;
    ~reference() { drop_reference(held); }
  } const ours{task};
  if (fibers) {
    save_float_control(task.floats);
    task.record = instrument::task_created();
    scheduler::instance().run(chosen, task);
  } else {
    thread_backend::instance().run(chosen, task);
  }
  if (task.failure != nullptr) std::rethrow_exception(std::exchange(task.failure, nullptr));
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime
