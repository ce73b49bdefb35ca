// For GitHub: a pull request, an issue, a job summary.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/compare/report.hpp"
#include "results/internal/text.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::compare {

namespace {

using results::verdict;

// Text as text: names come from files.
std::string escaped(const std::string& text) {
  std::string made;
  for (const char c : results::table::printable(text)) {
    if (c == '&') {
      made += "&amp;";
    } else if (c == '<') {
      made += "&lt;";
    } else {
      if (c == '|' || c == '`' || c == '*' || c == '_' || c == '[' || c == ']' || c == '\\' ||
          c == '@' || c == '#')
        made += '\\';
      made += c;
    }
  }
  return made;
}

std::string bold_where_changed(verdict said) {
  switch (said) {
    case verdict::better:
    case verdict::worse:
      return fmt::format("**{}**", to_string(said));
    case verdict::same:
    case verdict::cannot_tell:
      return std::string(to_string(said));
  }
  return "";
}

std::string render(const report& in) {
  std::string made = fmt::format(
      "### {}: {} → {}\n\n{}.{}\n", escaped(in.metric), escaped(in.base), escaped(in.fresh),
      counts_text(in.found), in.constants.empty() ? "" : " All of " + escaped(in.constants) + ".");
  for (const group& one : in.groups) {
    if (!one.name.empty()) made += fmt::format("\n#### {}\n", escaped(one.name));
    made += fmt::format(
        "\n| case | base | new | change | {:g} % interval | p | verdict |\n"
        "|---|---:|---:|---:|---:|---:|---|\n",
        100 * (1 - in.how.alpha));
    for (const auto* each : one.cases) {
      made += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", escaped(in.label(*each)),
                          value_text(each->what.base, in.metric),
                          value_text(each->what.fresh, in.metric),
                          change_text(each->what.change.value), range_text(each->what.change.range),
                          escaped(p_text(each->what.q)), bold_where_changed(each->what.said));
    }
    if (one.mean.count > 1) {
      made += fmt::format("\nGeometric mean of {} cases: {}\n", one.mean.count,
                          change_text(one.mean.value));
    }
  }
  return made;
}

const format_registration registered{
    "md", {".md"}, [](const std::vector<report>& all, const stream_traits&) {
      std::string made;
      for (const report& one : all) made += (made.empty() ? "" : "\n") + render(one);
      return made;
    }};

}  // namespace

}  // namespace gobench::cli::compare
