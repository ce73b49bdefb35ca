// For people, in columns.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "cli/compare/report.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::compare {

namespace {

namespace table = results::table;
using results::verdict;

constexpr std::size_t columns = 7;
using cells = std::array<std::string, columns>;

const char* color_of(verdict said) {
  switch (said) {
    case verdict::better:
      return "32";
    case verdict::worse:
      return "31";
    case verdict::same:
      return "0";
    case verdict::cannot_tell:
      return "2";
  }
  return "0";
}

cells cells_of(const report& in, const results::compared& one) {
  return {table::printable(in.label(one)),
          value_text(one.what.base, in.metric) + (one.what.by_cpu ? " c" : ""),
          value_text(one.what.fresh, in.metric) + (one.what.by_cpu ? " c" : ""),
          change_text(one.what.change.value),
          range_text(one.what.change.range),
          p_text(one.what.q),
          std::string(to_string(one.what.said))};
}

class text {
 public:
  text(const report& in, const stream_traits& to) : in_(in), to_(to) {
    width_ = std::max<std::size_t>(to.width, 60);
    head_ = {
        "case", "base",   "new", "change", fmt::format("{:g} % interval", 100 * (1 - in.how.alpha)),
        "p",    "verdict"};
    for (std::size_t c = 0; c < columns; ++c) widths_[c] = table::width_of(head_[c]);
    for (const auto& one : in.found.cases) {
      rows_.push_back(cells_of(in, one));
      for (std::size_t c = 0; c < columns; ++c) {
        widths_[c] = std::max(widths_[c], table::width_of(rows_.back()[c]));
      }
    }
    std::size_t others = 0;
    for (std::size_t c = 1; c < columns; ++c) others += 2 + widths_[c];
    // Where it does not fit, the interval goes first, and then the label is shortened.
    if (2 + std::min(widths_[0], std::size_t{24}) + others > width_) {
      others -= 2 + widths_[4];
      narrow_ = true;
    }
    const std::size_t room = width_ > others + 2 + 12 ? width_ - others - 2 : 12;
    widths_[0] = std::min(widths_[0], room);
  }

  std::string render() {
    std::string made = painted(heading(), "1", to_.color);
    for (const group& one : in_.groups) {
      made += "\n";
      if (!one.name.empty())
        made += "  " + painted(table::printable(one.name), "1", to_.color) + "\n";
      made += line(head_, "2", true);
      for (const auto* each : one.cases) {
        const auto index = static_cast<std::size_t>(each - in_.found.cases.data());
        made += line(rows_[index], color_of(each->what.said), false);
        if (!each->notes.empty()) {
          made += wrapped(fmt::format("{}", fmt::join(each->notes, ", ")), "    ", width_);
        }
      }
      if (one.mean.count > 1) {
        made += wrapped(fmt::format("Geometric mean of {} cases: {}", one.mean.count,
                                    change_text(one.mean.value)),
                        "  ", width_);
      }
    }
    return made + "\n" + foot();
  }

 private:
  std::string heading() const {
    return wrapped(
        fmt::format("{}: {} -> {}{}{}", in_.metric, table::printable(in_.base),
                    table::printable(in_.fresh), in_.constants.empty() ? "" : ", ", in_.constants),
        "", width_);
  }

  std::string line(const cells& of, const char* color, bool all) const {
    std::string made = "  " + table::pad_right(table::shortened(of[0], widths_[0]), widths_[0]);
    for (std::size_t c = 1; c + 1 < columns; ++c) {
      if (c == 4 && narrow_) continue;
      made += "  " + table::pad_left(of[c], widths_[c]);
    }
    if (all) return painted(made + "  " + of[columns - 1], color, to_.color) + "\n";
    return made + "  " + painted(of[columns - 1], color, to_.color) + "\n";
  }

  std::string foot() const {
    std::string made = wrapped(counts_text(in_.found) + ".", "", width_);
    const bool by_cpu =
        std::ranges::any_of(in_.found.cases, [](const auto& one) { return one.what.by_cpu; });
    const bool noisy = std::ranges::any_of(
        in_.found.cases, [&](const auto& one) { return one.what.floor > in_.how.threshold; });
    if (by_cpu) {
      made += wrapped(
          "c CPU time: these cases keep one CPU busy, so what their time exceeds it by was taken "
          "by "
          "other programs",
          "", width_);
    }
    if (noisy) {
      double most = 0;
      for (const auto& one : in_.found.cases) most = std::max(most, one.what.floor);
      made += wrapped(
          fmt::format("The runs themselves show differences of up to {:.0f} % without a cause; "
                      "smaller changes cannot be told.",
                      100 * most),
          "", width_);
    }
    made += only("base", in_.base, in_.found.only_in_base) +
            only("new", in_.fresh, in_.found.only_in_new);
    return made;
  }

  std::string only(const char* side, const std::string& file,
                   const std::vector<results::sample>& cases) const {
    if (cases.empty()) return "";
    return wrapped(fmt::format("{} case{} only in {} ({}).", cases.size(),
                               cases.size() == 1 ? " is" : "s are", side, table::printable(file)),
                   "", width_);
  }

  const report& in_;
  const stream_traits& to_;
  std::size_t width_ = 0;
  bool narrow_ = false;
  cells head_;
  std::vector<cells> rows_;
  std::array<std::size_t, columns> widths_{};
};

const format_registration registered{
    "table", {".txt"}, [](const std::vector<report>& all, const stream_traits& to) {
      std::string made;
      for (const report& one : all) made += (made.empty() ? "" : "\n") + text(one, to).render();
      return made;
    }};

}  // namespace

}  // namespace gobench::cli::compare
