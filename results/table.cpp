// A table for people, written as a whole at the end.
#include <utility>
#include <vector>

#include "results/internal/exporter.hpp"
#include "results/table/render.hpp"

namespace gobench::results {

namespace {

class table_of_samples : public sink {
 public:
  table_of_samples(std::unique_ptr<internal::output> out, const sink_options& how)
      : out_(std::move(out)), how_(how) {}

  void begin(const context&, const schema& columns) override {
    parameters_ = columns.parameters;
    shown_ = columns.shown;
    samples_.clear();
    out_->start("");
  }

  void add(const sample& one) override { samples_.push_back(one); }

  void finish(const context& about) override {
    out_->extend(table::render(table::arrange(samples_, parameters_, shown_), about, how_));
    out_->finish();
  }

 private:
  std::unique_ptr<internal::output> out_;
  sink_options how_;
  std::vector<std::string> parameters_;
  std::vector<std::string> shown_;
  std::vector<sample> samples_;
};

const internal::exporter_registration registered{
    "table", {".txt"}, [](std::unique_ptr<internal::output> out, const sink_options& how) {
      return std::make_unique<table_of_samples>(std::move(out), how);
    }};

}  // namespace

}  // namespace gobench::results
