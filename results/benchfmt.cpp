// Go's benchmark text, which benchstat reads
// (https://go.googlesource.com/proposal/+/master/design/14313-benchmark-format.md):
//
//   goos: linux
//   BenchmarkMutexVsChan/case=counter/impl=gobench.mutex/vehicle=fiber/tasks=8-2  1000  21.5 ns/op
//
// The number behind the last dash is what Go calls GOMAXPROCS: our procs. Only the configuration lines
// that Go writes itself are written, as benchstat puts results whose configuration differs into tables
// of their own; the rest of the context is in the other formats.
#include <cmath>
#include <utility>

#include "results/internal/exporter.hpp"
#include "results/internal/text.hpp"
#include "results/summary.hpp"

namespace gobench::results {

namespace {

using namespace internal;

// mutex-vs-chan -> MutexVsChan; what follows Benchmark must not begin with a lower case letter.
std::string camel_case(std::string_view name) {
  std::string made;
  bool starts = true;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    if (!letter && !digit && static_cast<unsigned char>(c) < 0x80) {
      starts = true;
      continue;
    }
    made += starts && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    starts = false;
  }
  return made;
}

// A part of a name: no white space, which ends the name, and no slash, which ends the part.
std::string part(std::string_view text) {
  std::string made;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    made += byte <= ' ' || byte == 0x7f || c == '/' ? '_' : c;
  }
  return made;
}

// In a configuration line: on one line.
std::string value_of(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return made;
}

// p99_ns -> p99-ns: benchstat scales units that end in ns, B or s after a dash.
std::string unit_of(std::string_view metric) { return replaced(part(metric), "_", "-"); }

std::string goarch(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return machine;
}

void append_metric(std::string& line, double number, std::string_view unit) {
  if (std::isfinite(number)) line += "\t" + shortest(number) + " " + std::string(unit);
}

class benchfmt : public sink {
 public:
  explicit benchfmt(std::unique_ptr<output> out) : out_(std::move(out)) {}

  void begin(const context& about, const schema&) override {
    std::string text = "goos: linux\n";
    if (!about.architecture.empty())
      text += "goarch: " + value_of(goarch(about.architecture)) + "\n";
    text += "pkg: gobench\n";
    if (!about.cpu_model.empty()) text += "cpu: " + value_of(about.cpu_model) + "\n";
    text += "Unit ops/s better=higher\n";
    out_->start(text);
  }

  void add(const sample& one) override {
    std::string line = "Benchmark" + camel_case(one.suite) + "/case=" + part(one.case_name) +
                       "/impl=" + part(one.impl) +
                       "/vehicle=" + std::string(to_string(one.runs_on)) +
                       "/tasks=" + std::to_string(one.tasks);
    for (const auto& field : one.parameters) {
      line += "/" + part(field.name) + "=" + part(to_text(field.content));
    }
    line += "-" + std::to_string(one.procs) + "\t" + std::to_string(one.iterations);
    append_metric(line, one.ns_per_op, "ns/op");
    append_metric(line, one.cpu_ns_per_op, "cpu-ns/op");
    append_metric(line, one.ops_per_s, "ops/s");
    for (const auto& field : one.metrics) {
      append_metric(line, as_number(field.content), unit_of(field.name));
    }
    out_->extend(line + "\n");
  }

  void finish(const context&) override { out_->finish(); }

 private:
  std::unique_ptr<output> out_;
};

const exporter_registration registered{
    "benchfmt", {".bench", ".benchfmt"}, [](std::unique_ptr<output> out, const sink_options&) {
      return std::make_unique<benchfmt>(std::move(out));
    }};

}  // namespace

}  // namespace gobench::results
