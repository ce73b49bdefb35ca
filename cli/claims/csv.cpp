// For programs: a row for each claim, with the figure that its verdict rests on.
#include <fmt/format.h>

#include <cmath>

#include "cli/claims/report.hpp"
#include "results/internal/text.hpp"

namespace gobench::cli::claims {

namespace {

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos) return text;
  return "\"" + results::internal::replaced(text, "\"", "\"\"") + "\"";
}

std::string number(double n) { return std::isfinite(n) ? results::internal::shortest(n) : ""; }

std::string row(const judged_claim& one) {
  std::string made =
      fmt::format("{},{},{},", one.what->id, cell(one.what->text), to_string(one.said));
  if (const judged_figure* shown = one.shown()) {
    made += fmt::format("{},{},{},{},{},{},{},", number(shown->value), number(shown->range.low),
                        number(shown->range.high), cell(shown->what->unit),
                        shown->what->is == bound::at_least ? "at least" : "at most",
                        number(shown->what->threshold), shown->samples);
  } else if (!one.trials.empty()) {
    made += fmt::format("{},,,programs,at least,{},{},", one.trials_as_expected(),
                        one.trials.size(), one.trials.size());
  } else {
    made += ",,,,,,,";
  }
  return made + cell(one.why) + "," + cell(one.what->look_closer) + "\n";
}

const format_registration registered{
    "csv", {".csv"}, [](const report& made, const stream_traits&) {
      std::string text =
          "id,claim,verdict,measured,low,high,unit,bound,threshold,samples,why,look_closer\n";
      for (const judged_claim& one : made.claims) text += row(one);
      return text;
    }};

}  // namespace

}  // namespace gobench::cli::claims
