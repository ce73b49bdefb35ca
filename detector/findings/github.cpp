// Annotations of GitHub Actions: lines that its runner finds in the output of a step and shows at the
// source line. It shows ten errors and ten notices of a step and drops the rest, so from the tenth on there
// is one that says where all of them are.
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "detector/findings/exporter.hpp"
#include "detector/findings/kinds.hpp"

namespace gobench::detector::findings {

namespace {

constexpr std::size_t shown_by_github = 10;

// Its workflow commands have escapes of their own; a property has two more than the message.
std::string escaped(const std::string& text, bool property) {
  std::string made;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    made += special ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return made;
}

std::string announce(const entry& one, const places& where, std::size_t number) {
  if (one.how == standing::suppressed || number > shown_by_github) return {};
  if (number == shown_by_github) {
    return "::notice title=gobench::There are further findings; the log and the files of this step "
           "have all of them.\n";
  }
  const bool fails = one.how != standing::known;
  std::string properties;
  for (const access& each : one.what.accesses) {
    const frame* telling = telling_frame(each.where);
    if (telling == nullptr || telling->file.empty()) continue;
    properties =
        fmt::format("file={},line={},", escaped(where.shown(telling->file), true), telling->line);
    if (telling->column > 0) properties += fmt::format("col={},", telling->column);
    break;
  }
  std::string message = one.what.message;
  if (one.what.accesses.size() > 1) {
    if (const frame* other = telling_frame(one.what.accesses[1].where); other != nullptr) {
      message += fmt::format("\nThe other access is in {} at {}.", function_of(*other),
                             where.shown(*other));
    }
  }
  if (!one.what.advice.empty()) message += "\n" + one.what.advice;
  return fmt::format(
      "::{} {}title={}::{}\n", fails ? "error" : "notice", properties,
      escaped(fmt::format("{} ({})", kind_of(one.what.kind).title, standing_text(one)), true),
      escaped(message, false));
}

const announcer_registration registered{{.name = "github",
                                         .wanted =
                                             [] {
                                               const char* set = std::getenv("GITHUB_ACTIONS");
                                               return set != nullptr &&
                                                      std::strcmp(set, "true") == 0;
                                             },
                                         .announce = announce}};

}  // namespace

}  // namespace gobench::detector::findings
