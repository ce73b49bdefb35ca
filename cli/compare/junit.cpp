// JUnit's XML, for CI services: a test case per case, of which those that became worse have failed.
#include <fmt/format.h>

#include "cli/compare/report.hpp"
#include "results/identity.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::compare {

namespace {

using results::verdict;

std::string escaped(const std::string& text) {
  std::string made;
  for (const char c : results::table::printable(text)) {
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
      default:
        made += c;
    }
  }
  return made;
}

std::string sentence(const report& in, const results::compared& one) {
  return fmt::format("{}: {} -> {}, {} {}, p {}", to_string(one.what.said),
                     value_text(one.what.base, in.metric), value_text(one.what.fresh, in.metric),
                     change_text(one.what.change.value), range_text(one.what.change.range),
                     p_text(one.what.q));
}

std::string render(const std::vector<report>& all, const stream_traits&) {
  std::string made = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const report& in : all) {
    made += fmt::format(
        "  <testsuite name=\"{} {} -&gt; {}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
        escaped(in.metric), escaped(in.base), escaped(in.fresh), in.found.cases.size(),
        in.found.count(verdict::worse), in.found.count(verdict::cannot_tell));
    for (const auto& one : in.found.cases) {
      const std::string said = escaped(sentence(in, one));
      made += fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n", escaped(one.who.suite),
                          escaped(results::description(one.who)));
      switch (one.what.said) {
        case verdict::worse:
          made += fmt::format("      <failure message=\"{}\"/>\n", said);
          break;
        case verdict::cannot_tell:
          made += fmt::format("      <skipped message=\"{}\"/>\n", said);
          break;
        case verdict::better:
        case verdict::same:
          made += fmt::format("      <system-out>{}</system-out>\n", said);
          break;
      }
      made += "    </testcase>\n";
    }
    made += "  </testsuite>\n";
  }
  return made + "</testsuites>\n";
}

const format_registration registered{"junit", {".xml"}, render};

}  // namespace

}  // namespace gobench::cli::compare
