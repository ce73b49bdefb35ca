#include "runtime/explore.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "runtime/instrument.hpp"

#if defined(GOBENCH_FLAVOUR_CHECK)
// The calling thread, the only one, is explored from now on. Not among the hooks of every flavour: there is an explorer
// in this one only.
extern "C" void gobench_check_explore_from_here(const char* settings) noexcept;
#endif

namespace gobench::inline GOBENCH_FLAVOUR {

std::string explored::text() const {
  if (!failed) return std::to_string(schedules) + " schedules were run, and none of them failed.";
  return "Schedule " + std::to_string(schedule) + " (" + strategy + ") ended with " +
         std::to_string(status) + "; explore_options{.only = " + std::to_string(schedule) +
         "} runs it alone.";
}

#if defined(GOBENCH_FLAVOUR_CHECK)

namespace {

constexpr std::array<const char*, 4> mixed = {"random", "pct:2", "pos", "pct:3"};
constexpr int status_of_exception = 70;  // as EX_SOFTWARE of sysexits.h

bool is_strategy(std::string_view name) {
  if (name == "mix" || name == "random" || name == "pos") return true;
  if (!name.starts_with("pct:") || name.size() < 5 || name.size() > 7 || name[4] == '0')
    return false;
  return name.find_first_not_of("0123456789", 4) == std::string_view::npos;
}

// Number 0 is the default rule.
std::string strategy_of(const explore_options& how, std::uint64_t schedule) {
  if (schedule == 0) return "follow";
  return how.strategy == "mix" ? mixed[(schedule - 1) % mixed.size()] : how.strategy;
}

[[noreturn]] void run_in_child(const std::function<void()>& body, const std::string& settings) {
  int status = 0;
  gobench_check_explore_from_here(settings.c_str());
  try {
    body();
  } catch (const std::exception& thrown) {
    std::fprintf(stderr, "The schedule ended with an exception: %s\n", thrown.what());
    status = status_of_exception;
  } catch (...) {
    std::fputs("The schedule ended with an exception that is no std::exception.\n", stderr);
    status = status_of_exception;
  }
  std::fflush(nullptr);
  // Without the handlers of exit, which are the parent's.
  ::_exit(status);
}

}  // namespace

explored explore(const std::function<void()>& body, const explore_options& how) {
  explored made;
  if (instrument::explored()) {
    body();
    made.schedules = 1;
    return made;
  }
  if (!is_strategy(how.strategy)) {
    throw std::invalid_argument("explore() has no strategy \"" + how.strategy +
                                "\"; it has mix, random, pct:D (such as pct:3) and pos.");
  }
  const std::uint64_t first = how.only.value_or(0);
  const std::uint64_t end = how.only ? first + 1 : how.schedules;
  for (std::uint64_t number = first; number < end; ++number) {
    const std::string strategy = strategy_of(how, number);
    const std::string settings = "strategy='" + strategy + "':seed=" + std::to_string(how.seed) +
                                 ":schedule=" + std::to_string(number) +
                                 ":steps=" + std::to_string(how.steps);
    // What is buffered would be written by each.
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child == 0) run_in_child(body, settings);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
      if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
    }
    ++made.schedules;
    made.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (made.status == 0) continue;
    made.failed = true;
    made.schedule = number;
    made.strategy = strategy;
    return made;
  }
  return made;
}

#else

explored explore(const std::function<void()>&, const explore_options&) {
  throw std::logic_error(
      "gobench::explore() needs the check flavour: compile and link with gobench cxx, or with "
      "CMake "
      "link the test to gobench::check.");
}

#endif

}  // namespace gobench::inline GOBENCH_FLAVOUR
