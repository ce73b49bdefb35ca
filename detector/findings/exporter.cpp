#include "detector/findings/exporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gobench::detector::findings {

namespace {

// A function's static, because exporters register themselves before main in no particular order.
std::vector<exporter>& known() {
  static std::vector<exporter> exporters;
  return exporters;
}

std::vector<announcer>& known_announcers() {
  static std::vector<announcer> announcers;
  return announcers;
}

}  // namespace

announcer_registration::announcer_registration(announcer made) {
  known_announcers().push_back(std::move(made));
}

const std::vector<announcer>& all_announcers() { return known_announcers(); }

exporter_registration::exporter_registration(exporter made) {
  auto& exporters = known();
  const auto place = std::ranges::upper_bound(exporters, made.name, {}, &exporter::name);
  exporters.insert(place, std::move(made));
}

const std::vector<exporter>& all_exporters() { return known(); }

std::string standing_text(const entry& one) {
  const accepted_finding& accepted = one.accepted;
  const std::string owner = accepted.owner.empty() ? "" : ", owner " + accepted.owner;
  const std::string reason = accepted.reason.empty() ? "" : ": " + accepted.reason;
  switch (one.how) {
    case standing::fresh:
      return "new";
    case standing::expired:
      return fmt::format("expired on {}{}{}", accepted.expires, owner, reason);
    case standing::known:
      return fmt::format("known{}{}{}",
                         accepted.expires.empty() ? "" : " until " + accepted.expires, owner,
                         reason);
    case standing::suppressed:
      break;
  }
  return "suppressed by " + one.what.suppressed_by.value_or("");
}

std::string tally_text(const tally& counts) {
  if (counts.all() == 0) return "no findings";
  std::string parts;
  const auto add = [&](std::size_t count, standing how) {
    if (count == 0) return;
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", count, to_string(how));
  };
  add(counts.fresh, standing::fresh);
  add(counts.expired, standing::expired);
  add(counts.known, standing::known);
  add(counts.suppressed, standing::suppressed);
  return fmt::format("{} finding{} ({})", counts.all(), counts.all() == 1 ? "" : "s", parts);
}

}  // namespace gobench::detector::findings
