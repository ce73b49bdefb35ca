// How deep may a task go, what does it cost, and is the memory given back? (V6)
//
// recursion: a task calls itself until depth_kb of its stack are used, returns, and does it again. The sample's time is
// that of the first descent, in which every page is new; again_ns is that of the second, on the same pages. Main
// memory of the process, above what it was before:
//   at_bytes       at the deepest point
//   after_bytes    when the task has ended and the run goes on
//   ended_bytes    when the run has ended
//
// idle: the same, and the run goes on with nothing to do until three quarters of the memory have been given
// back; given_back_ns is how long that took (the runtime waits for a while in order not to slow a program down that
// goes deep again and again). It gives up after ten seconds.
//
// overflow: a task on a stack of 64 KiB recurses without end. Its process has to end by a signal and with a sentence
// that names the task and the size of its stack; an operation is such an end, from the start of the process.
//
// Each sample is taken in a process of its own.
#include <fmt/format.h>
#include <sys/wait.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <gobench.hpp>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "results/statistics.hpp"
#include "suites/child.hpp"
#include "suites/crowd.hpp"
#include "suites/registry.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;

constexpr std::int64_t largest_depth_kb = std::int64_t{1} << 20;
// What the runtime's own frames and the deepest call take besides.
constexpr std::size_t room_bytes = 64 * 1024;
constexpr std::size_t overflowing_bytes = 64 * 1024;

// A frame of some 512 bytes, which is written and read. Returns how many there were when `to` was reached.
[[gnu::noinline]] std::uint64_t descend(std::uintptr_t to, const std::function<void()>& there) {
  std::array<volatile std::uint64_t, 48> frame;
  for (std::size_t i = 0; i < frame.size(); i += 8) frame[i] = to;
  if (reinterpret_cast<std::uintptr_t>(frame.data()) <= to) {
    there();
    return 1;
  }
  const std::uint64_t below = descend(to, there);
  return below + (frame[40] == to ? 1 : 0);
}

struct report {
  double seconds = 0;
  double cpu_seconds = 0;
  double again_seconds = 0;
  double given_back_seconds = 0;
  double before = 0;
  double at = 0;
  double after = 0;
  double ended = 0;
  std::uint64_t frames = 0;
  std::uint64_t frames_again = 0;
};

std::size_t depth_of(const point& where) {
  return static_cast<std::size_t>(where.number("depth_kb")) * 1024;
}

void go_deep(std::size_t depth, report& made) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  const std::uintptr_t to = here > depth ? here - depth : 0;
  stopwatch first;
  stopwatch again;
  made.before = status_bytes("VmRSS");
  first.start();
  made.frames = descend(to, [&] {
    first.stop();
    made.at = status_bytes("VmRSS");
  });
  again.start();
  made.frames_again = descend(to, [&] { again.stop(); });
  made.seconds = first.taken(1).seconds;
  made.cpu_seconds = first.taken(1).cpu_seconds;
  made.again_seconds = again.taken(1).seconds;
}

options deep_options(const point& where) {
  options chosen = options_at(where);
  const std::size_t wanted = depth_of(where) + room_bytes;
  const std::size_t most = std::size_t{1} << 30;
  chosen.stack.reserve = std::min(wanted, most);
  return chosen;
}

// What is left of the stack of 1 GiB for the runtime's frames is not for the recursion.
std::size_t usable_depth(const point& where) {
  return std::min(depth_of(where), (std::size_t{1} << 30) - room_bytes);
}

report recursion(const point& where) {
  report made;
  gobench::run(deep_options(where), [&] {
    gobench::go([&] { go_deep(usable_depth(where), made); }).join();
    made.after = status_bytes("VmRSS");
  });
  made.ended = status_bytes("VmRSS");
  return made;
}

report idleness(const point& where) {
  constexpr std::chrono::milliseconds look(20);
  constexpr int most_looks = 500;
  report made;
  gobench::run(deep_options(where), [&] {
    gobench::go([&] { go_deep(usable_depth(where), made); }).join();
    stopwatch idle;
    idle.start();
    made.after = status_bytes("VmRSS");
    const double quarter = made.before + (made.at - made.before) / 4;
    for (int i = 0; i < most_looks && made.after > quarter; ++i) {
      gobench::sleep_for(look);
      made.after = status_bytes("VmRSS");
    }
    idle.stop();
    made.given_back_seconds = idle.taken(1).seconds;
  });
  made.ended = status_bytes("VmRSS");
  return made;
}

// A frame has 384 bytes of data; AddressSanitizer puts zones around them.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t largest_frame = 4096;
#else
constexpr std::size_t largest_frame = 1024;
#endif

template <report (*Work)(const point&)>
measurement measure(const point& where, std::uint64_t) {
  const report made = report_of_a_child([&] { return Work(where); });
  measurement taken;
  taken.seconds = made.seconds;
  taken.cpu_seconds = made.cpu_seconds;
  taken.operations = 1;
  taken.metrics.set("again_ns", made.again_seconds * 1e9);
  taken.metrics.set("at_bytes", made.at - made.before);
  taken.metrics.set("after_bytes", made.after - made.before);
  taken.metrics.set("ended_bytes", made.ended - made.before);
  if (Work == idleness) taken.metrics.set("given_back_ns", made.given_back_seconds * 1e9);
  const std::uint64_t least = usable_depth(where) / largest_frame;
  taken.result =
      proof::equal("the number of frames of the second descent", made.frames_again, made.frames) &&
      proof::that(made.frames > least, "the recursion ended early");
  return taken;
}

void overflow_here(const point& where) {
  options chosen = options_at(where);
  chosen.stack.reserve = overflowing_bytes;
  gobench::run(chosen, [] { gobench::go([] { descend(0, [] {}); }).join(); });
}

// Of a thread the C library makes the stack, and a little larger than asked for.
bool names_the_overflow(const std::string& said) {
  const auto at = said.find("has overflowed its stack of ");
  return said.starts_with("gobench: task ") && at != std::string::npos &&
         said.find(" bytes: give it a larger one", at) != std::string::npos;
}

measurement overflow(const point& where, std::uint64_t) {
  stopwatch watch;
  watch.start();
  const child_end end = in_a_child(
      {}, [&] { overflow_here(where); }, child_stderr::taken);
  watch.stop();
  measurement taken = watch.taken(1);
  taken.cpu_seconds = results::not_measured;  // most of it is the child's
  taken.result =
      proof::that(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGSEGV,
                  "a task that recursed without end has not ended its process by SIGSEGV") &&
      proof::that(names_the_overflow(end.said),
                  "an overflow was not named; the process said \"" + end.said + '"');
  return taken;
}

// What is left after a deep recursion, by vehicle, at the largest depth; medians.
std::string answer(std::span<const results::sample> samples) {
  std::map<vehicle, std::map<std::int64_t, std::array<std::vector<double>, 3>>> found;
  constexpr std::array<const char*, 3> names{"at_bytes", "after_bytes", "ended_bytes"};
  for (const results::sample& one : samples) {
    const results::value* depth = one.parameters.find("depth_kb");
    if (one.case_name != "recursion" || depth == nullptr) continue;
    const auto* kb = std::get_if<std::int64_t>(depth);
    if (kb == nullptr) continue;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const results::value* bytes = one.metrics.find(names[i]);
      const auto* number = bytes == nullptr ? nullptr : std::get_if<double>(bytes);
      if (number != nullptr) found[one.runs_on][*kb][i].push_back(*number / (1 << 20));
    }
  }
  std::string text;
  for (const auto& [who, by_depth] : found) {
    const auto& [kb, bytes] = *by_depth.rbegin();
    if (bytes[0].empty() || bytes[1].empty() || bytes[2].empty()) continue;
    text += fmt::format(
        "{}a recursion of {} KiB on a {} takes {:.1f} MiB of main memory; of these are left {:.1f} "
        "when "
        "it has ended and {:.1f} at the end of the run",
        text.empty() ? "" : "; ", kb, results::to_string(who), results::median(bytes[0]),
        results::median(bytes[1]), results::median(bytes[2]));
  }
  if (!text.empty()) text.front() = 'A';
  return text.empty() ? text : text + ".";
}

results::value number(std::int64_t n) { return n; }

const registration registered{
    suite{.name = "stack-growth",
          .about = "How deep may a task go, what does it cost, and is the memory given back?",
          .claims = {"V6"},
          .parameters = {{.name = "depth_kb",
                          .about = "how deep the recursion goes, in KiB of stack",
                          .usual = {number(2), number(64), number(1024), number(65536),
                                    number(largest_depth_kb)},
                          .quick = {number(2), number(1024), number(65536)},
                          .least = 1,
                          .most = largest_depth_kb}},
          .metrics = {"again_ns", "at_bytes", "after_bytes", "ended_bytes", "given_back_ns"},
          .repetitions = 3,
          .quick_repetitions = 2,
          .variants = {{.case_name = "recursion",
                        .impl = "gobench.go",
                        .run = measure<recursion>,
                        .parameters = {"depth_kb"},
                        .applies = [](const point& at) { return at.tasks == 1; }},
                       {.case_name = "idle",
                        .impl = "gobench.go",
                        .run = measure<idleness>,
                        .parameters = {"depth_kb"},
                        .vehicles = {vehicle::fiber},
                        .applies =
                            [](const point& at) {
                              return at.tasks == 1 && at.number("depth_kb") >= 65536 &&
                                     at.number("depth_kb") < largest_depth_kb;
                            }},
                       {.case_name = "overflow",
                        .impl = "gobench.go",
                        .run = overflow,
                        .applies = [](const point& at) { return has_children && at.tasks == 1; }}},
          .answer = answer}};

}  // namespace

}  // namespace gobench::suites
