// A row per case, for programs: ratios and not percentages.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/compare/report.hpp"
#include "results/identity.hpp"
#include "results/internal/text.hpp"

namespace gobench::cli::compare {

namespace {

using results::internal::shortest;

std::string cell(std::string text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return '"' + results::internal::replaced(std::move(text), "\"", "\"\"") + '"';
}

std::string render(const std::vector<report>& all, const stream_traits&) {
  std::string made =
      "base_file,new_file,suite,case,metric,cpu_time,base_samples,new_samples,base,new,ratio,ratio_"
      "low,"
      "ratio_high,p,p_corrected,noise_floor,verdict,notes\n";
  for (const report& in : all) {
    for (const auto& one : in.found.cases) {
      const results::judged& what = one.what;
      const bool told = what.change.range.coverage > 0;
      made += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", cell(in.base),
                          cell(in.fresh), cell(one.who.suite), cell(results::description(one.who)),
                          cell(in.metric), what.by_cpu ? 1 : 0, what.base_count, what.new_count,
                          shortest(what.base), shortest(what.fresh), shortest(what.change.value),
                          told ? shortest(what.change.range.low) : "",
                          told ? shortest(what.change.range.high) : "", shortest(what.p),
                          shortest(what.q), shortest(what.floor), to_string(what.said),
                          cell(fmt::format("{}", fmt::join(one.notes, "; "))));
    }
  }
  return made;
}

const format_registration registered{"csv", {".csv"}, render};

}  // namespace

}  // namespace gobench::cli::compare
