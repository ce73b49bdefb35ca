// Starting and ending the runtime.
//
//   int main() {
//     return gobench::run([] { ... });
//   }
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <source_location>
#include <type_traits>
#include <utility>

#include "runtime/flavour.hpp"
#include "runtime/instrument.hpp"
#include "runtime/options.hpp"
#include "runtime/source_location.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace runtime {
void run_main(const options& chosen, const std::function<void()>& main_task, source_location born);
int procs_to_start_with();  // where options::procs is 0
// Throws what run(chosen, ...) would throw for an option, or a variable of the environment, that cannot be.
void check_options(const options& chosen);
// The number of the latest run that has begun; 0 before the first.
std::uint64_t latest_run() noexcept;
}  // namespace runtime

// Starts the runtime, runs f as the main task and returns its result (0 for void). Rethrows what f
// threw; throws deadlock when no task can ever run again; throws misuse inside a run, or while another
// thread is in one.
//
// When f returns, the run ends as a Go program does when main returns: tasks that nobody joined end
// where they stand. Those that are parked, sleeping or runnable are unwound so that their destructors
// run (options::end may abandon them instead); one that is computing is waited for until it reaches a
// scheduling point; one inside blocking() is left behind with its thread. Their end orders nothing.
//
// The environment overrides the options: GOBENCH_PROCS=n, GOBENCH_BACKEND=fiber|thread,
// GOBENCH_STACK=size,strategy,guarded|unguarded (some of them), GOBENCH_HAND_OFF=on|off, GOBENCH_RUN_QUEUE=local|global.
// Throws std::invalid_argument for a value that cannot be.
template <std::invocable F>
int run(const options& chosen, F&& f, source_location born = source_location::current()) {
  using result = std::invoke_result_t<F&>;
  static_assert(std::is_void_v<result> || std::is_convertible_v<result, int>,
                "the main task returns int, or void for 0");
  int status = 0;
  runtime::run_main(
      chosen,
      [&] {
        GOBENCH_USER_SCOPE();
        if constexpr (std::is_void_v<result>) {
          std::invoke(f);
        } else {
          status = std::invoke(f);
        }
      },
      born);
  return status;
}

template <std::invocable F>
int run(F&& f, source_location born = source_location::current()) {
  return run(options{}, std::forward<F>(f), born);
}

}  // namespace gobench::inline GOBENCH_FLAVOUR
