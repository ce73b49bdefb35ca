// For a document or a job summary.
#include <fmt/format.h>

#include "cli/claims/report.hpp"

namespace gobench::cli::claims {

namespace {

std::string escaped(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '_' || c == '`' || c == '[' || c == ']' || c == '\\')
      made += '\\';
    if (c == '<') {
      made += "&lt;";
    } else if (c == '&') {
      made += "&amp;";
    } else {
      made += c == '\n' ? ' ' : c;
    }
  }
  return made;
}

std::string told(verdict said) {
  return said == verdict::does_not_hold ? "**does not hold**" : std::string(to_string(said));
}

std::string render(const report& in) {
  std::string made = fmt::format("{}.\n\n{} ({:.0f} s{}).\n\n", escaped(machine_text(in)),
                                 counts_text(in), in.seconds, in.quick ? ", quick" : "");
  made +=
      "| | claim | measured | threshold | verdict | look closer |\n"
      "|---|---|---:|---:|---|---|\n";
  for (const judged_claim& one : in.claims) {
    made += fmt::format("| {} | {} | {} | {} | {} | `{}` |\n", one.what->id,
                        escaped(one.what->text), escaped(measured_text(one)),
                        escaped(threshold_text(one)), told(one.said), one.what->look_closer);
  }
  made += "\n## What the verdicts rest on\n";
  for (const judged_claim& one : in.claims) {
    made += fmt::format("\n**{}** {}\n\n", one.what->id, escaped(one.what->text));
    for (const part_text& part : parts_of(one)) {
      made += fmt::format("- {}: {}; {}: {}.{} *{}*\n", escaped(part.about), escaped(part.measured),
                          escaped(part.threshold), to_string(part.said),
                          part.why.empty() ? "" : " " + escaped(part.why), escaped(part.reason));
    }
  }
  return made;
}

const format_registration registered{
    "md", {".md"}, [](const report& made, const stream_traits&) { return render(made); }};

}  // namespace

}  // namespace gobench::cli::claims
