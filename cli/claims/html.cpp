// A page of its own: no scripts, nothing loaded from elsewhere.
#include <fmt/format.h>

#include "cli/claims/report.hpp"
#include "results/internal/text.hpp"

namespace gobench::cli::claims {

namespace {

constexpr const char* head = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Claims, measured on this machine</title>
<style>
:root { color-scheme: light dark; --line: #8884; --good: #1a7f37; --bad: #cf222e; --unknown: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72; --unknown: #d29922; } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
th.number { text-align: right; }
.holds { color: var(--good); } .does-not-hold { color: var(--bad); font-weight: 600; } .cannot-tell { color: var(--unknown); }
td.verdict { white-space: nowrap; }
summary { cursor: pointer; }
details ul { margin: .4rem 0 .2rem; padding-left: 1.2rem; }
details p { margin: .1rem 0; opacity: .75; }
code { font-size: .9em; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>Claims, measured on this machine</h1>
)";

std::string escaped(std::string text) {
  using results::internal::replaced;
  text = replaced(std::move(text), "&", "&amp;");
  text = replaced(std::move(text), "<", "&lt;");
  text = replaced(std::move(text), ">", "&gt;");
  return replaced(std::move(text), "\"", "&quot;");
}

const char* class_of(verdict said) {
  switch (said) {
    case verdict::holds:
      return "holds";
    case verdict::does_not_hold:
      return "does-not-hold";
    case verdict::cannot_tell:
      return "cannot-tell";
  }
  return "";
}

std::string parts(const judged_claim& one) {
  std::string made = "<ul>";
  for (const part_text& part : parts_of(one)) {
    made += fmt::format("<li>{}: {}; {}: <span class=\"{}\">{}</span>{}<p>{}</p></li>",
                        escaped(part.about), escaped(part.measured), escaped(part.threshold),
                        class_of(part.said), to_string(part.said),
                        part.why.empty() ? "" : ". " + escaped(part.why), escaped(part.reason));
  }
  return made + "</ul>";
}

std::string render(const report& in) {
  std::string made = head;
  made += fmt::format("<p>{}.</p>\n<p>{} ({:.0f} s{}).</p>\n", escaped(machine_text(in)),
                      counts_text(in), in.seconds, in.quick ? ", quick" : "");
  made +=
      "<table>\n<thead><tr><th></th><th>claim</th><th class=\"number\">measured</th>"
      "<th class=\"number\">threshold</th><th>verdict</th><th>look closer</th></tr></thead>\n"
      "<tbody>\n";
  for (const judged_claim& one : in.claims) {
    made += fmt::format(
        "<tr id=\"{0}\"><td>{0}</td><td><details><summary>{1}</summary>{2}</details></td>"
        "<td class=\"number\">{3}</td><td class=\"number\">{4}</td>"
        "<td class=\"verdict {5}\">{6}</td><td><code>{7}</code></td></tr>\n",
        one.what->id, escaped(one.what->text), parts(one), escaped(measured_text(one)),
        escaped(threshold_text(one)), class_of(one.said), to_string(one.said),
        escaped(one.what->look_closer));
  }
  return made + "</tbody>\n</table>\n</body>\n</html>\n";
}

const format_registration registered{
    "html", {".html", ".htm"}, [](const report& made, const stream_traits&) {
      return render(made);
    }};

}  // namespace

}  // namespace gobench::cli::claims
