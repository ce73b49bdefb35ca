#include "suites/peers/go.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <variant>
#include <vector>

#include "suites/overlap.hpp"
#include "suites/peers/go_program.hpp"
#include "suites/peers/line_process.hpp"
#include "suites/team.hpp"

namespace gobench::suites::peers {

namespace {

std::string request_line(const std::string& workload, const point& where, std::uint64_t n) {
  std::string line = fmt::format("{} tasks={} n={} seed={}", workload, where.tasks, n, where.seed);
  for (const auto& [name, content] : where.parameters) {
    std::visit([&, &key = name](const auto& v) { line += fmt::format(" {}={}", key, v); }, content);
  }
  return line;
}

std::unique_ptr<line_process> started(int procs) {
  // What the user's settings would change in it is as Go has it by default.
  return std::make_unique<line_process>(go_program().string(),
                                        variables{{"GOMAXPROCS", std::to_string(procs)},
                                                  {"GOGC", "100"},
                                                  {"GODEBUG", ""},
                                                  {"GOMEMLIMIT", "off"}});
}

std::string ask(const std::string& line, int procs, process_use use) {
  if (use == process_use::fresh) return started(procs)->ask(line);
  static std::map<int, std::unique_ptr<line_process>> kept;
  std::unique_ptr<line_process>& one = kept[procs];
  try {
    if (!one) one = started(procs);
    return one->ask(line);
  } catch (const std::exception&) {
    one.reset();
    throw;
  }
}

[[noreturn]] void not_understood(std::string_view reply) {
  throw std::runtime_error(
      fmt::format("the Go program answered \"{}\"", reply.substr(0, reply.find('\n'))));
}

template <class Number>
Number number_in(std::string_view text, std::string_view reply) {
  Number made{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), made);
  if (error != std::errc() || end != text.data() + text.size()) not_understood(reply);
  return made;
}

// The next word of `text`, which loses it.
std::string_view word(std::string_view& text, char at = ' ') {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view found = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return found;
}

// "123/0,456/1"
std::vector<mark> marks_in(std::string_view text, std::string_view reply) {
  std::vector<mark> made;
  while (!text.empty()) {
    std::string_view one = word(text, ',');
    const auto ticks = number_in<std::uint64_t>(word(one, '/'), reply);
    made.push_back({ticks, number_in<std::uint32_t>(one, reply)});
  }
  return made;
}

void add_overlap(const std::vector<std::vector<mark>>& tasks, results::fields& metrics) {
  std::uint64_t first = ~std::uint64_t{0};
  std::uint64_t last = 0;
  for (const auto& marks : tasks) {
    if (marks.empty()) continue;
    first = std::min(first, marks.front().ticks);
    last = std::max(last, marks.back().ticks);
  }
  if (last <= first) return;
  const overlap found = overlap_of(tasks, first, last);
  metrics.set(results::metric_parallel, found.parallel);
  metrics.set(metric_interleaved, found.interleaved);
}

measurement parsed(std::string_view reply, const point& where, std::string_view proved,
                   const expectation& expected) {
  std::string_view rest = reply;
  if (word(rest) != "ok") not_understood(reply);
  measurement made;
  made.seconds = number_in<double>(word(rest), reply) * 1e-9;
  made.cpu_seconds = number_in<double>(word(rest), reply) * 1e-9;
  made.operations = number_in<std::uint64_t>(word(rest), reply);
  const auto result = number_in<std::uint64_t>(word(rest), reply);
  std::vector<std::vector<mark>> tasks;
  while (!rest.empty()) {
    std::string_view field = word(rest);
    if (field.starts_with('@')) {
      tasks.push_back(marks_in(field.substr(1), reply));
    } else {
      const std::string_view name = word(field, '=');
      made.metrics.set(name, number_in<double>(field, reply));
    }
  }
  if (!tasks.empty()) add_overlap(tasks, made.metrics);
  made.result = proof::equal(proved, result, expected(where, made.operations));
  return made;
}

}  // namespace

operation go(std::string workload, std::string proved, expectation expected, process_use use) {
  return [=, workload = std::move(workload), proved = std::move(proved),
          expected = std::move(expected)](const point& where, std::uint64_t iterations) {
    const std::string reply = ask(request_line(workload, where, iterations), where.procs, use);
    return parsed(reply, where, proved, expected);
  };
}

}  // namespace gobench::suites::peers
