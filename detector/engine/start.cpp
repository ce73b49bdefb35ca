// Start-up: can the shadow lie where it has to? If not, the program is run again without address randomisation.
#include "detector/engine/start.hpp"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "detector/blocking/blocking.hpp"
#include "detector/blocking/lock_order.hpp"
#include "detector/clocks/node_pool.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/epochs.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/race.hpp"
#include "detector/engine/recording.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/shadow.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/interpose/interpose.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector {

bool started = false;
char** initial_environment = nullptr;
__thread int internal_depth __attribute__((tls_model("initial-exec"))) = 0;
__thread int signals_held __attribute__((tls_model("initial-exec"))) = 0;
__thread bool signal_waits __attribute__((tls_model("initial-exec"))) = false;

namespace {

// Reads /proc/self/maps in pieces; calls f(low, high) for each mapping.
template <typename F>
void for_each_mapping(F f) {
  const long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char text[4096];
  address low = 0, high = 0;
  enum { in_low, in_high, in_rest } state = in_low;
  for (;;) {
    const long size = syscall(SYS_read, fd, text, sizeof text);
    if (size <= 0) break;
    for (long i = 0; i != size; ++i) {
      const char c = text[i];
      const unsigned digit = c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
                             : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
                                                    : 16;
      switch (state) {
        case in_low:
          if (digit < 16)
            low = low * 16 + digit;
          else if (c == '-')
            state = in_high;
          break;
        case in_high:
          if (digit < 16) {
            high = high * 16 + digit;
          } else {
            f(low, high);
            state = in_rest;
          }
          break;
        case in_rest:
          if (c == '\n') {
            low = high = 0;
            state = in_low;
          }
          break;
      }
    }
  }
  syscall(SYS_close, fd);
}

bool layout_fits() {
  bool fits = true;
  for_each_mapping([&](address low, address high) {
    if (low >= 0xffff'0000'0000'0000) return;  // the kernel's vsyscall page
    if (!in_program(low) || !in_program(high - 1)) fits = false;
  });
  return fits;
}

// The arguments as the kernel has them, since main has not been called. Returns if it cannot be done.
void run_again() noexcept {
  static char arguments[1 << 17];
  const long fd = syscall(SYS_openat, AT_FDCWD, "/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  long size = 0;
  while (fd >= 0 && size < static_cast<long>(sizeof arguments)) {
    const long got =
        syscall(SYS_read, fd, arguments + size, sizeof arguments - static_cast<std::size_t>(size));
    if (got <= 0) break;
    size += got;
  }
  static char* list[1 << 14];
  std::size_t count = 0;
  for (long i = 0; i < size && count + 1 < std::size(list);
       i += static_cast<long>(std::strlen(arguments + i)) + 1)
    list[count++] = arguments + i;
  list[count] = nullptr;
  syscall(SYS_execve, "/proc/self/exe", list,
          initial_environment != nullptr ? initial_environment : environ);
}

// A schedule can be repeated only if addresses are: programs order and hash by them. Where that cannot be had, the
// program runs as it is.
void keep_addresses() noexcept {
  const int now = personality(0xffffffff);
  if (now == -1 || (now & ADDR_NO_RANDOMIZE) != 0) return;
  if (personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) != -1) run_again();
}

[[noreturn]] void run_again_without_randomisation() {
  const int now = personality(0xffffffff);
  rlimit stack{};
  const bool limited = getrlimit(RLIMIT_STACK, &stack) == 0;
  const bool unlimited_stack = limited && stack.rlim_cur == RLIM_INFINITY;
  if ((now & ADDR_NO_RANDOMIZE) != 0 && !unlimited_stack)
    die("the program is mapped where the detector has its tables, even without address "
        "randomisation: link it as a "
        "position-independent executable (-pie)");
  if (unlimited_stack) {
    // With an unlimited stack the kernel lays mappings out from the bottom.
    stack.rlim_cur = std::size_t{64} << 20;
    setrlimit(RLIMIT_STACK, &stack);
  }
  if (personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE) == -1)
    die("the program is mapped where the detector has its tables, and address randomisation cannot "
        "be switched off "
        "here: run it with `setarch -R`, or set vm.mmap_rnd_bits to 30 or less");
  run_again();
  die("the program is mapped where the detector has its tables, and running it again without "
      "address randomisation "
      "failed: run it with `setarch -R`");
}

}  // namespace

void start_up() noexcept {
  if (started) return;
  ++internal_depth;
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("sse4.1")) die("the detector needs a processor with SSE4.1");
  if (exploration_is_wanted != nullptr && exploration_is_wanted()) keep_addresses();
  if (!layout_fits() || !reserve_shadow()) {
    rlimit space{};
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
      die("the detector reserves 40 TiB of address space, of which it uses little, and address "
          "space is limited "
          "here: lift the limit (ulimit -v unlimited)");
    run_again_without_randomisation();
  }
  read_options();
  if (!blocking::knows_leaks(option_values.leaks))
    die("GOBENCH_RACE sets 'leaks' to something else than note, on, all or off; `gobench race "
        "--help` lists the "
        "options");
  reserve_tasks();
  reserve_depot();
  reserve_objects();
  blocking::lock_order::reserve();
  epochs.reserve();
  traces.set_parts_per_task(4u << option_values.history_size);
  std::size_t most_for_clocks = std::size_t{1} << 30;
  if (option_values.memory_limit_mb != 0) {
    const std::size_t limit = static_cast<std::size_t>(option_values.memory_limit_mb) << 20;
    most_for_clocks = limit / 4;
    traces.set_budget(limit / 4);
  }
  node_pool::set_limit(most_for_clocks, &clocks_reduced);
  report_options about;
  about.suppressions = option_values.suppressions;
  about.findings = option_values.findings;
  about.log_path = option_values.log_path;
  about.print = option_values.print_report;
  about.print_suppressions = option_values.print_suppressions;
  if (std::strcmp(option_values.color, "always") == 0) about.color = color_use::always;
  if (std::strcmp(option_values.color, "never") == 0) about.color = color_use::never;
  report_start(about);
  --internal_depth;
  started = true;
  make_main_task();
  if (option_values.record[0] != 0) recording::start(option_values.record);
  start_interposition();
  if (start_exploration != nullptr) start_exploration();
}

void end_process(int status) noexcept {
  syscall(SYS_exit_group, finish(status));
  __builtin_unreachable();
}

namespace {

void tell_what_was_seen() noexcept {
  char sentence[160];
  // A reset counts twice: when it begins and when it is over.
  std::snprintf(sentence, sizeof sentence,
                "%" PRIu32 " task numbers were used; the past was forgotten %" PRIu64 " times",
                tasks_used(), epochs.resets() / 2);
  report_note(sentence);
}

}  // namespace

int finish(int status) noexcept {
  static bool done = false;
  if (!started || done) return status;
  done = true;
  const internal_scope inside;
  recording::stop();
  blocking::end_of_main(true);
  if (end_exploration != nullptr) end_exploration(status);
  if (option_values.verbosity > 0) tell_what_was_seen();
  const report_totals totals = report_end();
  if (totals.findings == 0) return status;
  if (option_values.exitcode != 0) return option_values.exitcode;
  // Who asked for the program's own exit code reads the file instead.
  return totals.file_is_short ? options{}.exitcode : status;
}

void enter_internal() noexcept { ++internal_depth; }
void leave_internal() noexcept {
  --internal_depth;
  if (internal_depth == 0 && signals_held == 0 && signal_waits) deliver_waiting_signals();
}
bool is_internal() noexcept { return !started || internal_depth != 0; }

bool must_defer_signal() noexcept { return internal_depth != 0 || signals_held != 0; }
void note_deferred_signal() noexcept { signal_waits = true; }

}  // namespace gobench::detector

// In a shared object. A program starts earlier, by preinit.cpp.
__attribute__((constructor(101))) static void start_when_loaded() { gobench::detector::start_up(); }
