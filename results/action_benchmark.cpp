// What github-action-benchmark reads as `customSmallerIsBetter` (https://github.com/benchmark-action/github-action-benchmark):
// one entry per case, its median with the 95 % interval, as a list that is complete when the run has finished.
//
//   [{"name": "mutex-vs-chan counter gobench.mutex fiber procs=2 tasks=8", "unit": "ns/op", "value": 21.5,
//     "range": "20.9..22.4", "extra": "median of 10 samples"}]
#include <fmt/format.h>

#include <map>
#include <utility>
#include <vector>

#include "results/identity.hpp"
#include "results/internal/exporter.hpp"
#include "results/internal/json.hpp"
#include "results/internal/text.hpp"
#include "results/summary.hpp"

namespace gobench::results {

namespace {

using namespace internal;

class action_benchmark : public sink {
 public:
  explicit action_benchmark(std::unique_ptr<output> out) : out_(std::move(out)) {}

  void begin(const context&, const schema&) override {
    cases_.clear();
    places_.clear();
    // Whoever reads the file of a run that was ended finds a list without cases. A stream gets it whole at the end.
    out_->start(out_->file() ? empty : "");
  }

  void add(const sample& one) override {
    const auto [place, fresh] = places_.emplace(identity(one), cases_.size());
    if (fresh) cases_.emplace_back();
    cases_[place->second].push_back(one);
  }

  void finish(const context& about) override {
    json list = json::array();
    for (const std::vector<sample>& repetitions : cases_) {
      const summary all = summarise(repetitions);
      if (all.count == 0) continue;
      const sample& who = repetitions.front();
      list.push_back({{"name", who.suite + " " + description(who)},
                      {"unit", "ns/op"},
                      {"value", all.median_ns},
                      {"range", shortest(all.range_ns.low) + ".." + shortest(all.range_ns.high)},
                      {"extra", extra(all, about)}});
    }
    out_->extend(dump(list, 2) + "\n", out_->file() ? empty.size() : 0);
    out_->finish();
  }

 private:
  static constexpr std::string_view empty = "[]\n";

  static std::string extra(const summary& all, const context& about) {
    std::string text = fmt::format("median of {} samples", all.count);
    if (all.noisy) text += ", too noisy to tell";
    if (all.serial) text += ", serial";
    if (!about.cpu_model.empty())
      text += fmt::format("\n{}, {} CPUs", about.cpu_model, about.cpus_online);
    if (!about.git_commit.empty()) text += "\ncommit " + about.git_commit;
    return text;
  }

  std::unique_ptr<output> out_;
  std::map<std::string, std::size_t> places_;
  std::vector<std::vector<sample>> cases_;
};

const exporter_registration registered{
    "action-benchmark", {".action.json"}, [](std::unique_ptr<output> out, const sink_options&) {
      return std::make_unique<action_benchmark>(std::move(out));
    }};

}  // namespace

}  // namespace gobench::results
