// {"context": {...}, "samples": [...]}, one sample per line; valid at any time (growing_json.hpp).
#include <utility>

#include "results/internal/exporter.hpp"
#include "results/internal/growing_json.hpp"

namespace gobench::results {

namespace {

using namespace internal;

class json_file : public sink {
 public:
  explicit json_file(std::unique_ptr<output> out) : out_(std::move(out), "samples") {}

  void begin(const context& about, const schema&) override { out_.begin(to_json(about)); }
  void add(const sample& one) override { out_.add(to_json(one)); }
  void finish(const context& about) override { out_.finish(to_json(about)); }

 private:
  growing_json out_;
};

const exporter_registration registered{
    "json", {".json"}, [](std::unique_ptr<output> out, const sink_options&) {
      return std::make_unique<json_file>(std::move(out));
    }};

}  // namespace

}  // namespace gobench::results
