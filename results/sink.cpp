#include "results/sink.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <ostream>
#include <utility>

#include "results/internal/exporter.hpp"
#include "results/internal/nearest.hpp"

namespace gobench::results {

namespace {

struct exporter {
  std::vector<std::string> endings;
  internal::exporter_maker make;
};

std::map<std::string, exporter, std::less<>>& exporters() {
  static std::map<std::string, exporter, std::less<>> all;
  return all;
}

const exporter& exporter_of(std::string_view format) {
  const auto found = exporters().find(format);
  if (found != exporters().end()) return found->second;
  const std::vector<std::string> names = format_names();
  throw unknown_format(fmt::format("There is no format '{}'; the nearest is {} (of {}).", format,
                                   internal::nearest(format, names), fmt::join(names, ", ")));
}

constexpr std::array<std::string_view, 11> fixed_columns = {
    "suite", "case",       "impl",      "vehicle",       "procs",    "tasks",
    "rep",   "iterations", "ns_per_op", "cpu_ns_per_op", "ops_per_s"};

// Holds suites to the contract before an exporter sees anything.
class checked : public sink {
 public:
  explicit checked(std::unique_ptr<sink> to) : to_(std::move(to)) {}

  void begin(const context& about, const schema& columns) override {
    std::vector<std::string_view> names(fixed_columns.begin(), fixed_columns.end());
    names.insert(names.end(), columns.parameters.begin(), columns.parameters.end());
    names.insert(names.end(), columns.metrics.begin(), columns.metrics.end());
    std::ranges::sort(names);
    const auto twice = std::ranges::adjacent_find(names);
    if (twice != names.end()) {
      throw std::invalid_argument(
          fmt::format("Two columns of the results are called '{}'; rename one.", *twice));
    }
    columns_ = columns;
    to_->begin(about, columns);
  }

  void add(const sample& one) override {
    require(one, one.parameters, columns_.parameters, "parameter");
    require(one, one.metrics, columns_.metrics, "metric");
    to_->add(one);
  }

  void finish(const context& about) override { to_->finish(about); }

 private:
  static void require(const sample& one, const fields& used, const std::vector<std::string>& known,
                      std::string_view kind) {
    for (const auto& field : used) {
      if (std::ranges::find(known, field.name) == known.end()) {
        throw std::invalid_argument(
            fmt::format("A sample of {} {} {} has the {} '{}', which its suite has not declared.",
                        one.suite, one.case_name, one.impl, kind, field.name));
      }
    }
  }

  std::unique_ptr<sink> to_;
  schema columns_;
};

}  // namespace

namespace internal {

exporter_registration::exporter_registration(std::string name, std::vector<std::string> endings,
                                             exporter_maker make) {
  exporters().emplace(std::move(name), exporter{std::move(endings), std::move(make)});
}

}  // namespace internal

std::unique_ptr<sink> make_file_sink(std::string_view format, const std::filesystem::path& file,
                                     const sink_options& how) {
  const exporter& found = exporter_of(format);
  return std::make_unique<checked>(found.make(internal::make_file_output(file), how));
}

std::unique_ptr<sink> make_stream_sink(std::string_view format, std::ostream& out,
                                       const sink_options& how) {
  const exporter& found = exporter_of(format);
  return std::make_unique<checked>(found.make(internal::make_stream_output(out), how));
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto& [name, made] : exporters()) names.push_back(name);
  return names;
}

void require_format(std::string_view format) { exporter_of(format); }

std::optional<std::string> format_of_file(const std::filesystem::path& file) {
  std::string name = file.filename().string();
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::optional<std::string> best;
  std::size_t longest = 0;
  for (const auto& [format, made] : exporters()) {
    for (const std::string& ending : made.endings) {
      if (name.ends_with(ending) && ending.size() > longest) {
        best = format;
        longest = ending.size();
      }
    }
  }
  return best;
}

}  // namespace gobench::results
