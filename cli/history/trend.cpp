#include "cli/history/trend.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "results/comparison.hpp"
#include "results/identity.hpp"
#include "results/statistics.hpp"

namespace gobench::cli::history {

std::vector<case_trend> trends_of(results::store& in, const std::vector<results::stored_run>& runs,
                                  const std::string& suite, const std::string& metric) {
  std::map<std::string, case_trend> all;
  const results::collecting what{.metric = metric, .ignored = {}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    results::case_collector run(what);
    in.load(runs[i].id, suite, [&](results::sample&& one) { run.add(one); });
    for (const auto& found : run.cases()) {
      if (found.what.values.empty()) continue;
      case_trend& to = all[results::identity(found.who)];
      to.who = found.who;
      to.runs.push_back(i);
      to.medians.push_back(results::median(found.what.values));
    }
  }
  std::vector<case_trend> made;
  for (auto& [key, one] : all) {
    one.steps = results::find_steps(one.medians);
    one.over_all = results::find_trend(one.medians);
    made.push_back(std::move(one));
  }
  std::ranges::stable_sort(made, [](const case_trend& a, const case_trend& b) {
    return results::description(a.who) < results::description(b.who);
  });
  return made;
}

std::string sparkline(const std::vector<double>& values, std::size_t width) {
  static constexpr std::array<const char*, 8> blocks = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (values.empty()) return "";
  // The newest ones where there is no room for all.
  const std::size_t from = values.size() > width ? values.size() - width : 0;
  const auto begin = values.begin() + static_cast<std::ptrdiff_t>(from);
  const auto [least, most] = std::minmax_element(begin, values.end());
  // Below 2 % of the value there is nothing to see, and noise is not to be blown up.
  const double range = std::max(*most - *least, 0.02 * std::abs(*most));
  std::string made;
  for (auto v = begin; v != values.end(); ++v) {
    const double height = range > 0 ? (*v - *least) / range : 0;
    made += blocks[static_cast<std::size_t>(std::clamp(height * 7.999, 0.0, 7.0))];
  }
  return made;
}

}  // namespace gobench::cli::history
