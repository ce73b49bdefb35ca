// A summary for people, in GitHub's Markdown; also what `gobench race` appends to a job's summary there.
#include <fmt/format.h>

#include "detector/findings/exporter.hpp"
#include "detector/findings/kinds.hpp"
#include "detector/findings/text.hpp"

namespace gobench::detector::findings {

namespace {

// GitHub refuses a step's summary above 1 MiB; other steps of the job have their own.
constexpr std::size_t room = 1000 * 1000;

// Text in a cell of a table or a line of its own, shown as it is.
std::string escaped(const std::string& text) {
  std::string made;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      made += ' ';
    } else if (c == '<') {
      made += "&lt;";
    } else if (c == '>') {
      made += "&gt;";
    } else if (c == '&') {
      made += "&amp;";
    } else {
      if (std::string_view("|\\`*_[]#@~").find(c) != std::string_view::npos) made += '\\';
      made += c;
    }
  }
  return made;
}

// A fence that the text does not have.
std::string fenced(const std::string& text) {
  std::string fence = "```";
  while (text.find(fence) != std::string::npos) fence += '`';
  return fence + "text\n" + text + fence + "\n";
}

std::string place_of(const entry& one, std::size_t number, const places& where) {
  if (number >= one.what.accesses.size()) return "";
  const frame* telling = telling_frame(one.what.accesses[number].where);
  if (telling == nullptr) return "";
  return fmt::format("{} at {}", escaped(function_of(*telling)), escaped(where.shown(*telling)));
}

std::string render(const document& told) {
  const collection& found = told.found;
  const run_facts& run = told.run;
  std::string text = fmt::format("## gobench race: {}\n\n", escaped(run.program));
  const tally& counts = found.counts();
  std::string verdict = counts.failing() > 0 ? "❌ " : run.complete ? "✅ " : "⏳ ";
  verdict += tally_text(counts);
  if (run.signal) verdict += fmt::format("; the program was ended by signal {}", *run.signal);
  if (run.exit_code) verdict += fmt::format("; the program ended with {}", *run.exit_code);
  if (!run.complete) verdict += "; the run is not complete";
  text += verdict + ".\n\n";

  std::string rows;
  std::string details;
  std::size_t left_out = found.left_out();
  for (const entry& one : found.entries()) {
    const std::string title(kind_of(one.what.kind).title);
    const std::string row =
        fmt::format("| {} | {} | {} | {} |\n", escaped(standing_text(one)), escaped(title),
                    place_of(one, 0, told.where), place_of(one, 1, told.where));
    const std::string detail =
        fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n\n",
                    escaped(one.what.message), fenced(to_text(one, told.where)));
    if (text.size() + rows.size() + row.size() + details.size() > room) {
      ++left_out;
      continue;
    }
    rows += row;
    if (one.how == standing::suppressed) continue;
    if (text.size() + rows.size() + details.size() + detail.size() <= room) details += detail;
  }
  if (!rows.empty()) text += "| | kind | where | other access |\n|---|---|---|---|\n" + rows + "\n";
  if (left_out > 0) text += fmt::format("{} further findings are left out here.\n\n", left_out);
  text += details;
  for (const std::string& note : found.notes()) text += fmt::format("- {}\n", escaped(note));
  for (const std::string& one : found.unused_suppressions()) {
    text += fmt::format("- The suppression {} was not needed.\n", escaped(one));
  }
  return text + "\nReproduce:\n\n" + fenced(run.reproduce + "\n") + "\n";
}

const exporter_registration registered{
    {.name = "markdown", .about = "Write a summary as Markdown", .render = render}};

}  // namespace

}  // namespace gobench::detector::findings
