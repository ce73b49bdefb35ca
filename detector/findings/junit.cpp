// JUnit's XML, as CI servers read it: a test case per finding. New and expired ones are failures, known
// and suppressed ones are skipped, and the run itself is a test case, which is an error until it is over.
#include <fmt/format.h>

#include "detector/findings/exporter.hpp"
#include "detector/findings/text.hpp"

namespace gobench::detector::findings {

namespace {

// Text for XML 1.0: its five characters escaped; what it cannot have at all, and bytes that are not UTF-8,
// become U+FFFD. Line ends and tabs stay, as references where an attribute would lose them.
std::string escaped(const std::string& text, bool attribute = true) {
  // Through JSON's writer, which replaces bytes that are not UTF-8.
  const std::string valid =
      json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace))
          .get<std::string>();
  std::string made;
  for (const char c : valid) {
    switch (c) {
      case '&':
        made += "&amp;";
        break;
      case '<':
        made += "&lt;";
        break;
      case '>':
        made += "&gt;";
        break;
      case '"':
        made += "&quot;";
        break;
      case '\'':
        made += "&apos;";
        break;
      case '\n':
      case '\t':
        made += attribute ? fmt::format("&#{};", static_cast<int>(c)) : std::string(1, c);
        break;
      default:
        made +=
            static_cast<unsigned char>(c) < 0x20 ? std::string("\xEF\xBF\xBD") : std::string(1, c);
    }
  }
  return made;
}

std::string test_case(const entry& one, const places& where) {
  const frame* telling =
      one.what.accesses.empty() ? nullptr : telling_frame(one.what.accesses.front().where);
  const std::string functions = functions_of(one.what);
  const std::string name =
      fmt::format("{}{} [{}]", one.what.kind, functions.empty() ? "" : " in " + functions,
                  one.what.fingerprint);
  std::string text = fmt::format("  <testcase classname=\"gobench.race.{}\" name=\"{}\"",
                                 escaped(one.what.kind), escaped(name));
  if (telling != nullptr && !telling->file.empty()) {
    text +=
        fmt::format(" file=\"{}\" line=\"{}\"", escaped(where.shown(telling->file)), telling->line);
  }
  text += " time=\"0\">\n";
  const std::string message = one.what.message + " (" + standing_text(one) + ")";
  switch (one.how) {
    case standing::fresh:
    case standing::expired:
      text += fmt::format("    <failure type=\"{}\" message=\"{}\">{}</failure>\n",
                          escaped(one.what.kind), escaped(message),
                          escaped(to_text(one, where), false));
      break;
    case standing::known:
    case standing::suppressed:
      text += fmt::format("    <skipped message=\"{}\"/>\n", escaped(message));
      break;
  }
  return text + "  </testcase>\n";
}

std::string render(const document& told) {
  const collection& found = told.found;
  const run_facts& run = told.run;
  const tally& counts = found.counts();
  std::size_t failures = 0;
  std::size_t skipped = 0;
  std::string cases;
  for (const entry& one : found.entries()) {
    cases += test_case(one, told.where);
    const bool fails = one.how == standing::fresh || one.how == standing::expired;
    ++(fails ? failures : skipped);
  }
  std::string itself = fmt::format(
      "  <testcase classname=\"gobench.race\" name=\"{} under the detector\" time=\"{:.3f}\"",
      escaped(run.program), run.seconds);
  if (run.complete) {
    itself += "/>\n";
  } else {
    itself +=
        ">\n    <error type=\"incomplete\" message=\"The run did not end; what was found until "
        "then "
        "is here.\"/>\n  </testcase>\n";
  }
  std::string output = "Reproduce: " + run.reproduce + "\n";
  for (const std::string& note : found.notes()) output += note + "\n";
  if (found.left_out() > 0) {
    output += fmt::format("{} further findings are left out.\n", found.left_out());
  }
  const std::string numbers =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"",
                  found.entries().size() + 1, failures, run.complete ? 0 : 1, skipped, run.seconds);
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites {}>\n"
      "<testsuite name=\"gobench race {}\" {} timestamp=\"{}\">\n"
      "  <properties>\n"
      "    <property name=\"gobench.version\" value=\"{}\"/>\n"
      "    <property name=\"findings\" value=\"{}\"/>\n"
      "  </properties>\n"
      "{}{}"
      "  <system-out>{}</system-out>\n"
      "</testsuite>\n"
      "</testsuites>\n",
      numbers, escaped(run.program), numbers, escaped(run.started.substr(0, 19)),
      escaped(run.version), tally_text(counts), itself, cases, escaped(output, false));
}

const exporter_registration registered{
    {.name = "junit", .about = "Write the findings as JUnit XML", .render = render}};

}  // namespace

}  // namespace gobench::detector::findings
