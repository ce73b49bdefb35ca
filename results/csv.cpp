// Comma-separated values (RFC 4180, lines ended by \n): a header, then one row per sample, nothing
// else. The context is a JSON file beside it.
#include <filesystem>
#include <utility>

#include "results/internal/exporter.hpp"
#include "results/internal/json.hpp"
#include "results/internal/text.hpp"

namespace gobench::results {

namespace {

using namespace internal;

class row {
 public:
  void cell(std::string_view text) {
    if (cells_++ > 0) text_ += ',';
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
      text_ += text;
    } else {
      text_ += '"' + replaced(std::string(text), "\"", "\"\"") + '"';
    }
  }
  std::string line() const { return text_ + "\n"; }

 private:
  std::string text_;
  std::size_t cells_ = 0;
};

class csv : public sink {
 public:
  explicit csv(std::unique_ptr<output> out) : out_(std::move(out)) {
    if (const auto file = out_->file()) {
      std::filesystem::path beside = *file;
      context_ = make_file_output(beside.replace_extension(".context.json"));
    }
  }

  void begin(const context& about, const schema& columns) override {
    columns_ = columns;
    write_context(about);
    row header;
    for (const char* name : {"suite", "case", "impl", "vehicle", "procs", "tasks", "rep",
                             "iterations", "ns_per_op", "cpu_ns_per_op", "ops_per_s"}) {
      header.cell(name);
    }
    for (const std::string& name : columns_.parameters) header.cell(name);
    for (const std::string& name : columns_.metrics) header.cell(name);
    out_->start(header.line());
  }

  void add(const sample& one) override {
    row cells;
    cells.cell(one.suite);
    cells.cell(one.case_name);
    cells.cell(one.impl);
    cells.cell(to_string(one.runs_on));
    cells.cell(std::to_string(one.procs));
    cells.cell(std::to_string(one.tasks));
    cells.cell(std::to_string(one.rep));
    cells.cell(std::to_string(one.iterations));
    cells.cell(shortest(one.ns_per_op));
    cells.cell(shortest(one.cpu_ns_per_op));
    cells.cell(shortest(one.ops_per_s));
    append_fields(cells, columns_.parameters, one.parameters);
    append_fields(cells, columns_.metrics, one.metrics);
    out_->extend(cells.line());
  }

  void finish(const context& about) override {
    out_->finish();
    write_context(about);
  }

 private:
  static void append_fields(row& cells, const std::vector<std::string>& names, const fields& from) {
    for (const std::string& name : names) {
      const value* found = from.find(name);
      cells.cell(found == nullptr ? "" : to_text(*found));
    }
  }

  void write_context(const context& about) {
    if (!context_) return;
    json described = to_json(about);
    // What the header does not tell.
    described["parameters"] = columns_.parameters;
    described["metrics"] = columns_.metrics;
    context_->start(dump(described, 2) + "\n");
  }

  std::unique_ptr<output> out_;
  std::unique_ptr<output> context_;
  schema columns_;
};

const exporter_registration registered{
    "csv", {".csv"}, [](std::unique_ptr<output> out, const sink_options&) {
      return std::make_unique<csv>(std::move(out));
    }};

}  // namespace

}  // namespace gobench::results
