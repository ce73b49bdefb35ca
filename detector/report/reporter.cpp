#include "detector/report/reporter.hpp"

#include <unistd.h>

#include <algorithm>

#include "detector/report/json.hpp"
#include "detector/report/text.hpp"
#include "detector/report/words.hpp"

namespace __tsan {
class ReportDesc;
// True: the program wants this report dropped.
__attribute__((weak, visibility("default"))) bool OnReport(const ReportDesc* report,
                                                           bool suppressed);
}  // namespace __tsan

extern "C" {
__attribute__((weak, visibility("default"))) const char* __tsan_default_suppressions();
}

namespace gobench::detector::reporting {
namespace {

constexpr int exit_environment = 4;
constexpr std::size_t most_places = 8;

struct code_range {
  address begin;
  address end;
};

// Of the libraries whose calls are not looked at. Replaced as a whole and never freed, since readers take no lock.
constinit std::atomic<const std::vector<code_range>*> ignored_code{nullptr};
constinit std::atomic<std::uint64_t> findings_told{0};
constinit std::atomic<std::uint64_t> findings_suppressed{0};

address innermost(const raw_finding& raw, std::size_t side) {
  return side < raw.accesses.size() && !raw.accesses[side].stack.empty()
             ? raw.accesses[side].stack[0]
             : 0;
}

// To tell lines that are new from those that were named.
std::string places_of(const finding& what) {
  std::vector<std::string> all;
  for (const access_told& access : what.accesses)
    all.push_back(short_place(telling_frame(access.frames)));
  std::sort(all.begin(), all.end());
  std::string text;
  for (const std::string& one : all) text += one + " ";
  return text;
}

}  // namespace

counters key_of(finding_type type, address one, address other) noexcept {
  return {type, std::min(one, other), std::max(one, other)};
}

report_totals reporter::totals() noexcept {
  return {findings_told.load(std::memory_order_relaxed),
          findings_suppressed.load(std::memory_order_relaxed), output::findings_lost()};
}

bool reporter::is_ignored(address code) noexcept {
  // Acquire: pairs with the release in find_ignored_code().
  const std::vector<code_range>* ranges = ignored_code.load(std::memory_order_acquire);
  if (ranges == nullptr) return false;
  for (const code_range& one : *ranges)
    if (code >= one.begin && code < one.end) return true;
  return false;
}

void reporter::refuse(const std::string& sentence) {
  write_all(2, "gobench: " + sentence + "\n");
  ::_exit(exit_environment);
}

void reporter::start(const report_options& options) {
  out_.set(options);
  most_reports_ = options.most_reports;
  print_ = options.print;
  print_suppressions_ = options.print_suppressions;
  if (__tsan_default_suppressions != nullptr) {
    if (const char* text = __tsan_default_suppressions())
      add(suppressions_.parse(text, "__tsan_default_suppressions()"));
  }
  std::string_view files = options.suppressions == nullptr ? "" : options.suppressions;
  while (!files.empty()) {
    const std::size_t comma = files.find(',');
    if (comma != 0) add(suppressions_.read(std::string(files.substr(0, comma))));
    files.remove_prefix(comma == std::string_view::npos ? files.size() : comma + 1);
  }
  find_ignored_code();
  if (out_.writes_findings()) out_.finding(start_line(names_.program()));
}

void reporter::find_ignored_code() {
  if (!suppressions_.any_called_from_lib()) return;
  auto* ranges = new std::vector<code_range>();
  for (const auto& [path, begin, end] : names_.modules())
    if (suppressions_.is_called_from_lib(path)) ranges->push_back({begin, end});
  // Release: pairs with the acquire of report_called_from_library(), which reads what it points to.
  ignored_code.store(ranges, std::memory_order_release);
}

void reporter::modules_changed() {
  names_.modules_changed();
  find_ignored_code();
}

bool reporter::count_again(const counters& key) {
  const auto found = by_counters_.find(key);
  if (found == by_counters_.end()) return false;
  ++found->second->times;
  if (found->second->suppressed != nullptr) ++found->second->suppressed->hits;
  return true;
}

bool reporter::handle(const raw_finding& raw, std::unique_ptr<current_report>& told_now) {
  const counters key = key_of(raw.type, innermost(raw, 0), innermost(raw, 1));
  const bool has_key = std::get<1>(key) != 0 || std::get<2>(key) != 0;
  if (has_key && count_again(key)) return false;

  auto now = std::make_unique<current_report>(current_report{told(raw, names_), raw});
  finding& what = now->told;
  suppression* by = suppressions_.find(what);
  if (by != nullptr) what.suppressed_by = by->text();
  if (__tsan::OnReport != nullptr) {
    const current_report_scope visible(*now);
    if (__tsan::OnReport(reinterpret_cast<const __tsan::ReportDesc*>(now.get()), by != nullptr)) {
      if (what.suppressed_by.empty()) what.suppressed_by = "__tsan::OnReport()";
    }
  }

  const bool suppressed = !what.suppressed_by.empty();
  const auto [found, is_new] = known_.try_emplace({what.fingerprint, suppressed});
  known& entry = found->second;
  ++entry.times;
  if (has_key) by_counters_[key] = &entry;
  if (!is_new) {
    if (!suppressed) tell_other_place(entry, what);
    return false;
  }
  entry.fingerprint = what.fingerprint;
  entry.headline = what.headline;
  entry.suppressed = by;
  entry.places.push_back(places_of(what));
  // The file first: there is a reader who waits for it, and text may go to a pipe that nobody empties.
  if (out_.writes_findings()) out_.finding(json_of(what));
  if (suppressed) {
    findings_suppressed.fetch_add(1, std::memory_order_relaxed);  // a count only
    return false;
  }
  const std::uint64_t number =
      findings_told.fetch_add(1, std::memory_order_relaxed) + 1;  // a count only
  if (!print_) {
    // Only the line of JSON.
  } else if (most_reports_ == 0 || number <= most_reports_) {
    out_.text(text_of(what, {out_.color(), reproducing_command()}));
  } else if (number == most_reports_ + 1) {
    out_.text("gobench: no more than " + std::to_string(most_reports_) +
              " findings are printed; the others are counted.\n");
  }
  told_now = std::move(now);
  return true;
}

// The same functions, but other lines: worth a line, since mending the first does not mend these.
void reporter::tell_other_place(known& entry, const finding& what) {
  const std::string places = places_of(what);
  for (const std::string& one : entry.places)
    if (one == places) return;
  if (entry.places.size() >= most_places) return;
  entry.places.push_back(places);
  if (print_)
    out_.text("gobench: the same finding (" + fingerprint_text(what.fingerprint) +
              ") at other lines: " + what.headline + "\n");
}

void reporter::note(std::string_view sentence) {
  out_.text("gobench: " + std::string(sentence) + "\n");
  if (out_.writes_findings()) out_.finding(note_line(sentence));
}

void reporter::note_of(const raw_finding& raw, std::size_t count) {
  const finding what = told(raw, names_);
  if (suppressions_.find(what) != nullptr) return;
  note("note: " + what.headline +
       (count < 2 ? "" : ", and " + std::to_string(count - 1) + " more are left") +
       "; with --leaks it is a finding");
}

std::string reporter::suppressions_text() const {
  std::string used;
  std::string unused;
  for (const suppression& one : suppressions_.all()) {
    const std::string line = one.text() + "  (" + one.origin + ")\n";
    if (one.hits != 0) {
      const std::string count = std::to_string(one.hits);
      used.append(count.size() < 6 ? 8 - count.size() : 2, ' ')
          .append(count)
          .append("  ")
          .append(line);
    } else {
      unused.append(10, ' ').append(line);
    }
  }
  if (!used.empty()) used = "gobench: suppressions that matched, and how often:\n" + used;
  if (!unused.empty()) unused = "gobench: suppressions that matched nothing:\n" + unused;
  return used + unused;
}

void reporter::end() {
  if (ended_) return;
  ended_ = true;
  end_of_report all;
  all.findings = findings_told.load(std::memory_order_relaxed);
  all.suppressed = findings_suppressed.load(std::memory_order_relaxed);
  std::string text;
  for (const auto& [key, entry] : known_) {
    if (key.second || entry.times < 2) continue;
    all.seen_again.push_back({entry.fingerprint, entry.times});
    text += "  seen " + std::to_string(entry.times) +
            " times: " + fingerprint_text(entry.fingerprint) + " " + entry.headline + "\n";
  }
  if (all.findings != 0) {
    std::string counts =
        "gobench: " + std::to_string(all.findings) + (all.findings == 1 ? " finding" : " findings");
    if (all.suppressed != 0) counts += ", " + std::to_string(all.suppressed) + " more suppressed";
    text = counts + ".\n" + text;
  } else {
    text.clear();
  }
  if (print_suppressions_) text += suppressions_text();
  for (const suppression& one : suppressions_.all())
    if (one.hits == 0) all.unused_suppressions.push_back(one.text());
  if (!text.empty() && print_) out_.text(text);
  if (out_.writes_findings()) out_.finding(end_line(all));
}

void reporter::begin_child() {
  findings_told.store(0, std::memory_order_relaxed);
  findings_suppressed.store(0, std::memory_order_relaxed);
  for (auto& [key, entry] : known_) entry.times = 0;
  ended_ = false;
}

}  // namespace gobench::detector::reporting
