// What the exporter csv writes (../csv.cpp), and such files after a spreadsheet had them: \r\n, a byte order
// mark, columns in another order. Which of the further columns are parameters is in the context beside the
// file, or known to the caller; without both they are metrics.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>

#include "results/internal/context_json.hpp"
#include "results/internal/reader.hpp"

namespace gobench::results {

namespace {

using namespace internal;

enum column : std::size_t {
  suite,
  case_name,
  impl,
  runs_on,
  procs,
  tasks,
  rep,
  iterations,
  ns_per_op,
  cpu_ns_per_op,
  ops_per_s,
  fixed_columns
};

constexpr std::array<std::string_view, fixed_columns> names = {
    "suite", "case",       "impl",      "vehicle",       "procs",    "tasks",
    "rep",   "iterations", "ns_per_op", "cpu_ns_per_op", "ops_per_s"};

std::string_view without_cr(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// A row after another, in cells; a quoted cell may go on over several lines.
class rows {
 public:
  rows(text_source& from) : from_(from) {}

  bool next(std::vector<std::string>& cells) {
    do {
      if (!from_.next_line(line_)) return false;
    } while (without_cr(line_).empty());
    cells.clear();
    const std::size_t first = from_.line();
    std::size_t at = 0;
    while (cell(cells.emplace_back(), at, first)) {
    }
    return true;
  }

 private:
  // Reads a cell and the comma after it; false when it was the last of its row.
  bool cell(std::string& to, std::size_t& at, std::size_t first) {
    if (at < line_.size() && line_[at] == '"') return quoted(to, at, first);
    const std::string_view rest = std::string_view(line_).substr(at);
    const std::size_t comma = rest.find(',');
    to = comma == std::string_view::npos ? without_cr(rest) : rest.substr(0, comma);
    at += comma + 1;
    return comma != std::string_view::npos;
  }

  bool quoted(std::string& to, std::size_t& at, std::size_t first) {
    ++at;
    std::size_t size = 0;
    for (;;) {
      const std::size_t quote = line_.find('"', at);
      if (quote == std::string::npos) {
        to.append(line_, at);
        to += '\n';
        size += line_.size() - at + 1;
        at = 0;
        if (size > longest_piece || !from_.next_line(line_)) {
          from_.fail(fmt::format(
              "The quote in line {} is never closed: the file was cut off; remove what is left of "
              "its last row, or write the file again.",
              first));
        }
        continue;
      }
      to.append(line_, at, quote - at);
      size += quote - at;
      at = quote + 1;
      if (at < line_.size() && line_[at] == '"') {
        to += '"';
        ++at;
        continue;
      }
      const std::string_view rest = without_cr(std::string_view(line_).substr(at));
      if (rest.empty()) return false;
      if (rest.front() != ',') {
        from_.fail("Something follows the quote at the end of a cell; a comma must be there.");
      }
      ++at;
      return true;
    }
  }

  text_source& from_;
  std::string line_;
};

struct further_column {
  std::string name;
  bool parameter = false;
};

class csv_reader {
 public:
  csv_reader(text_source& from, intake& to, const std::optional<std::filesystem::path>& file)
      : from_(from), to_(to), rows_(from) {
    parameters_ = to.how().parameters;
    if (file) read_context(*file);
  }

  void read() {
    std::vector<std::string> cells;
    rows_.next(cells);
    read_header(cells);
    const std::vector<std::string> header = cells;
    while (rows_.next(cells)) {
      if (cells == header || (cells[0] == header[0] && cells.size() > 1 && cells[1] == header[1])) {
        to_.fail(
            "A second header: several files were put together, perhaps from different versions of "
            "gobench; give them one by one.");
      }
      if (!from_.line_was_ended()) {
        to_.fail(
            "The last row has no end of line, so it may have been cut off; remove it, or end its "
            "line "
            "if it is whole.");
      }
      if (cells.size() != header.size()) {
        to_.fail(fmt::format(
            "The row has {} cells and the header {}; write the file again, or remove the row.",
            cells.size(), header.size()));
      }
      read_row(cells);
    }
  }

 private:
  void read_context(const std::filesystem::path& file) {
    std::filesystem::path beside = file;
    beside.replace_extension(".context.json");
    std::ifstream in(beside, std::ios::binary);
    if (!in) return;
    described_csv found = read_described_csv(in, beside.string());
    to_.content.about = std::move(found.about);
    if (found.parameters) parameters_ = std::move(*found.parameters);
  }

  void read_header(const std::vector<std::string>& cells) {
    places_.fill(npos);
    further_.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (std::find(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(i), cells[i]) !=
          cells.begin() + static_cast<std::ptrdiff_t>(i)) {
        to_.fail(fmt::format("Two columns are called {}; rename or remove one.", shown(cells[i])));
      }
      const auto known = std::ranges::find(names, std::string_view(cells[i]));
      if (known != names.end()) {
        places_[static_cast<std::size_t>(known - names.begin())] = i;
      } else {
        further_[i] = {cells[i], std::ranges::find(parameters_, cells[i]) != parameters_.end()};
        if (further_[i].parameter) {
          to_.declare_parameter(cells[i]);
        } else if (!cells[i].empty()) {
          to_.declare_metric(cells[i]);
        }
      }
    }
    for (std::size_t c = 0; c < fixed_columns; ++c) {
      if (places_[c] == npos && c != cpu_ns_per_op && c != ops_per_s)
        refuse_header(cells, names[c]);
    }
  }

  [[noreturn]] void refuse_header(const std::vector<std::string>& cells, std::string_view missing) {
    if (missing == names[ns_per_op]) {
      for (const std::string& cell : cells) {
        if (cell.ends_with("s_per_op") || cell.ends_with("s/op")) {
          to_.fail(fmt::format(
              "There is a column {} where ns_per_op is expected; convert its times to ns and call "
              "it ns_per_op.",
              shown(cell)));
        }
      }
    }
    to_.fail(
        fmt::format("There is no column {}; a CSV of gobench has suite, case, impl, vehicle, "
                    "procs, tasks, rep, "
                    "iterations and ns_per_op.",
                    missing));
  }

  void read_row(std::vector<std::string>& cells) {
    sample made;
    made.suite = std::move(cells[places_[suite]]);
    made.case_name = std::move(cells[places_[case_name]]);
    made.impl = std::move(cells[places_[impl]]);
    const std::string& carried = cells[places_[runs_on]];
    const auto found = vehicle_of(carried);
    if (!found) {
      to_.fail(fmt::format(
          "The vehicle {} is none of process, thread, fiber and coroutine; correct the row.",
          shown(carried)));
    }
    made.runs_on = *found;
    made.procs = count(cells, procs);
    made.tasks = count(cells, tasks);
    made.rep = count(cells, rep);
    made.iterations = many(cells);
    made.ns_per_op = measure(cells, ns_per_op);
    made.cpu_ns_per_op = measure(cells, cpu_ns_per_op);
    made.ops_per_s = measure(cells, ops_per_s);
    for (std::size_t i = 0; i < further_.size(); ++i) {
      if (further_[i].name.empty() || cells[i].empty()) continue;
      if (further_[i].parameter) {
        made.parameters.set(further_[i].name, value_of(cells[i]));
      } else {
        made.metrics.set(further_[i].name, metric(further_[i].name, cells[i]));
      }
    }
    to_.add(std::move(made));
  }

  [[noreturn]] void refuse_number(std::string_view name, std::string_view cell,
                                  std::string_view kind) {
    to_.fail(fmt::format("{} is {}, which is not {}; correct the row or remove it.", name,
                         cell.empty() ? "empty" : fmt::format("\"{}\"", shown(cell)), kind));
  }

  int count(const std::vector<std::string>& cells, column c) {
    const std::string& cell = cells[places_[c]];
    const auto number = whole_of(cell);
    if (!number || *number < 0 || *number > std::numeric_limits<int>::max()) {
      refuse_number(names[c], cell, "a count");
    }
    return static_cast<int>(*number);
  }

  std::uint64_t many(const std::vector<std::string>& cells) {
    const std::string& cell = cells[places_[iterations]];
    const auto number = whole_of(cell);
    if (!number || *number < 0) refuse_number(names[iterations], cell, "a count");
    return static_cast<std::uint64_t>(*number);
  }

  double measure(const std::vector<std::string>& cells, column c) {
    if (places_[c] == npos) return not_measured;
    const std::string& cell = cells[places_[c]];
    if (cell.empty()) return not_measured;
    const auto number = number_of(cell);
    if (!number) refuse_number(names[c], cell, "a number");
    to_.require_measure(names[c], *number);
    return *number;
  }

  value metric(std::string_view name, const std::string& cell) {
    if (const auto whole = whole_of(cell)) return *whole;
    const auto number = number_of(cell);
    if (!number) return cell;
    if (!(*number > -HUGE_VAL && *number < HUGE_VAL)) refuse_number(name, cell, "a finite number");
    return *number;
  }

  static constexpr std::size_t npos = std::string::npos;

  text_source& from_;
  intake& to_;
  rows rows_;
  std::vector<std::string> parameters_;
  std::array<std::size_t, fixed_columns> places_{};
  std::vector<further_column> further_;  // without a name where the column is a fixed one
};

// A header with a name of ours in it. One that lacks some is ours as well, so that the sentence says which.
bool recognises(std::string_view head) {
  const std::string_view line = without_cr(head.substr(0, head.find('\n')));
  if (line.find(',') == std::string_view::npos || line.starts_with('{')) return false;
  const std::string around = fmt::format(",{},", line);
  return around.find(",suite,") != std::string::npos ||
         around.find(",ns_per_op,") != std::string::npos ||
         around.find("\"suite\"") != std::string::npos;
}

const reader_registration registered{
    {"csv", recognises,
     [](text_source& from, intake& to, const std::optional<std::filesystem::path>& file) {
       csv_reader(from, to, file).read();
     }}};

}  // namespace

}  // namespace gobench::results
