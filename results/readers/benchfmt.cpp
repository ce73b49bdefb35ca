// Go's benchmark text, which go test -bench prints and the exporter benchfmt (../benchfmt.cpp) writes
// (https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md). Lines that are no results, such as
// PASS and what the test itself printed, are passed over, as the format wants it.
//
// BenchmarkSort/n=1000-8 is the case Sort with the parameter n and 8 procs, in the suite that `pkg:` names.
// Of our exporter the parts case=, impl=, vehicle= and tasks= become what they were.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "results/internal/foreign_name.hpp"
#include "results/internal/reader.hpp"
#include "results/internal/text.hpp"

namespace gobench::results {

namespace {

using namespace internal;

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view blank = " \t\r";
  std::vector<std::string_view> words;
  for (;;) {
    const std::size_t from = line.find_first_not_of(blank);
    if (from == std::string_view::npos) return words;
    line.remove_prefix(from);
    const std::size_t end = line.find_first_of(blank);
    words.push_back(line.substr(0, end));
    line.remove_prefix(end == std::string_view::npos ? line.size() : end);
  }
}

bool is_result(std::string_view word) {
  constexpr std::string_view prefix = "Benchmark";
  if (!word.starts_with(prefix)) return false;
  const std::string_view rest = word.substr(prefix.size());
  return rest.empty() || !(rest.front() >= 'a' && rest.front() <= 'z');
}

class benchfmt_reader {
 public:
  benchfmt_reader(text_source& from, intake& to) : from_(from), to_(to) {}

  void read() {
    std::string line;
    while (from_.next_line(line)) {
      const auto words = words_of(line);
      if (words.empty()) continue;
      if (is_result(words[0])) {
        read_result(words);
      } else {
        read_setting(line);
      }
    }
  }

 private:
  void read_setting(std::string_view line) {
    const auto value = [&](std::string_view key) -> std::optional<std::string> {
      if (!line.starts_with(key)) return std::nullopt;
      std::string_view rest = line.substr(key.size());
      while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
      while (!rest.empty() && (rest.back() == ' ' || rest.back() == '\r')) rest.remove_suffix(1);
      return std::string(rest);
    };
    if (const auto package = value("pkg:")) package_ = *package;
    if (const auto cpu = value("cpu:")) to_.content.about.cpu_model = *cpu;
    if (const auto machine = value("goarch:")) {
      to_.content.about.architecture = *machine == "amd64"   ? "x86_64"
                                       : *machine == "arm64" ? "aarch64"
                                                             : *machine;
    }
  }

  void read_result(const std::vector<std::string_view>& words) {
    if (words.size() == 1) return;  // go test -v says what it begins with
    const auto done = whole_of(words[1]);
    if (!done) return;  // text that a test printed
    if (*done <= 0) {
      to_.fail(
          fmt::format("{} iterations were measured, says the line; correct or remove it.", *done));
    }
    if (words.size() < 4 || words.size() % 2 != 0) {
      to_.fail(
          "The line ends in the middle: after the iterations come numbers, each with its unit; "
          "remove "
          "the line, or run the benchmark again.");
    }
    if (!from_.line_was_ended()) {
      to_.fail(
          "The last line has no end, so it may have been cut off; remove it, or end it if it is "
          "whole.");
    }
    sample made;
    made.iterations = static_cast<std::uint64_t>(*done);
    read_name(words[0], made);
    for (std::size_t i = 2; i + 1 < words.size(); i += 2)
      read_measure(words[i], words[i + 1], made);
    to_.add_next(std::move(made));
  }

  void read_name(std::string_view name, sample& into) const {
    name.remove_prefix(std::string_view("Benchmark").size());
    into.procs = 1;  // what Go leaves out
    if (const std::size_t dash = name.rfind('-'); dash != std::string_view::npos) {
      const auto procs = whole_of(name.substr(dash + 1));
      if (procs && *procs > 0 && *procs < std::numeric_limits<int>::max() &&
          name[dash + 1] != '+') {
        into.procs = static_cast<int>(*procs);
        name = name.substr(0, dash);
      }
    }
    take_apart(name, '=', into);
    const value* own = into.parameters.find("case");
    if (own == nullptr || into.impl.empty()) {
      into.suite = package_.empty() ? "go" : package_;
      into.tasks = into.tasks == 0 ? 1 : into.tasks;
      return;
    }
    into.suite = std::exchange(into.case_name, to_text(*own));
    fields kept;
    for (const auto& field : into.parameters) {
      if (field.name != "case") kept.set(field.name, field.content);
    }
    into.parameters = kept;
  }

  void read_measure(std::string_view text, std::string_view unit, sample& into) const {
    const auto number = number_of(text);
    if (!number) {
      to_.fail(
          fmt::format("{} stands before the unit {} and is no number; correct or remove the line.",
                      shown(text), shown(unit)));
    }
    if (unit == "ns/op" || unit == "sec/op") {
      to_.require_measure(unit, *number);
      into.ns_per_op = unit == "ns/op" ? *number : *number * 1e9;
    } else if (unit == "cpu-ns/op") {
      to_.require_measure(unit, *number);
      into.cpu_ns_per_op = *number;
    } else if (unit == "ops/s") {
      to_.require_measure(unit, *number);
      into.ops_per_s = *number;
    } else {
      if (!std::isfinite(*number)) {
        to_.fail(fmt::format("{} {} is not finite; correct or remove the line.", shown(text),
                             shown(unit)));
      }
      into.metrics.set(replaced(std::string(unit), "-", "_"), *number);
    }
  }

  text_source& from_;
  intake& to_;
  std::string package_;
};

// A line with a result somewhere at the beginning, or a setting that only Go writes.
bool recognises(std::string_view head) {
  if (head.find('\0') != std::string_view::npos) return false;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    const auto words = words_of(head.substr(0, std::min(end, std::size_t{4096})));
    if (words.size() > 1 && is_result(words[0]) && whole_of(words[1])) return true;
    if (words.size() > 1 && (words[0] == "goos:" || words[0] == "goarch:" || words[0] == "pkg:")) {
      return true;
    }
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  }
  return false;
}

const reader_registration registered{
    {"benchfmt", recognises,
     [](text_source& from, intake& to, const std::optional<std::filesystem::path>&) {
       benchfmt_reader(from, to).read();
     }}};

}  // namespace

}  // namespace gobench::results
