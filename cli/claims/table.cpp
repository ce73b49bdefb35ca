// For people, in columns: a line for each claim, and below what a verdict rests on where it is not plain.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/claims/report.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::claims {

namespace {

namespace table = results::table;

constexpr std::size_t columns = 6;
using cells = std::array<std::string, columns>;
constexpr std::size_t of_claim = 1;
constexpr std::size_t of_command = 5;

const char* color_of(verdict said) {
  switch (said) {
    case verdict::holds:
      return "32";
    case verdict::does_not_hold:
      return "31";
    case verdict::cannot_tell:
      return "33";
  }
  return "0";
}

// "gobench run spawn --tasks 1": the whole command is told in the details; here its subject will do.
std::string subject(const std::string& command) {
  return command.starts_with("gobench ") ? command.substr(8) : command;
}

class text {
 public:
  text(const report& in, const stream_traits& to) : in_(in), to_(to) {
    width_ = std::max<std::size_t>(to.width, 60);
    rows_.push_back({"id", "claim", "measured", "threshold", "verdict", "closer: gobench"});
    for (const judged_claim& one : in.claims) {
      rows_.push_back({one.what->id, one.what->brief, measured_text(one), threshold_text(one),
                       std::string(to_string(one.said)), subject(one.what->look_closer)});
    }
    for (const cells& row : rows_) {
      for (std::size_t c = 0; c < columns; ++c)
        widths_[c] = std::max(widths_[c], table::width_of(row[c]));
    }
    // Where it does not fit, first the command goes, which the details have, and then the claim is shortened.
    if (total() > width_) shown_ = columns - 1;
    const std::size_t over = total() > width_ ? total() - width_ : 0;
    widths_[of_claim] -=
        std::min(over, widths_[of_claim] - std::min<std::size_t>(widths_[of_claim], 16));
  }

  std::string render() {
    std::string made = wrapped(machine_text(in_), "", width_) + "\n";
    for (std::size_t i = 0; i < rows_.size(); ++i) made += line(i);
    made += "\n" + wrapped(counts_text(in_) + fmt::format(" ({:.0f} s{}).", in_.seconds,
                                                          in_.quick ? ", quick" : ""),
                           "", width_);
    for (const judged_claim& one : in_.claims) {
      if (in_.in_detail || one.said != verdict::holds) made += "\n" + details(one);
    }
    return made;
  }

 private:
  std::size_t total() const {
    std::size_t sum = 2 * (shown_ - 1);
    for (std::size_t c = 0; c < shown_; ++c) sum += widths_[c];
    return sum;
  }

  std::string line(std::size_t index) const {
    std::string made;
    for (std::size_t c = 0; c < shown_; ++c) {
      const std::string cell = table::shortened(rows_[index][c], widths_[c]);
      const bool last = c + 1 == shown_;
      std::string padded = last ? cell : table::pad_right(cell, widths_[c]);
      if (c == 2 || c == 3) padded = table::pad_left(cell, widths_[c]);
      if (c == 4 && index > 0)
        padded = painted(padded, color_of(in_.claims[index - 1].said), to_.color);
      made += (c == 0 ? "" : "  ") + padded;
    }
    while (made.ends_with(' ')) made.pop_back();
    return (index == 0 ? painted(made, "2", to_.color) : made) + "\n";
  }

  std::string details(const judged_claim& one) const {
    std::string made = painted(fmt::format("{}: ", one.what->id), "1", to_.color);
    made += wrapped(one.what->text, "    ", width_ - 4).substr(4);
    for (const part_text& part : parts_of(one)) {
      // What holds needs no words unless they were asked for.
      if (!in_.in_detail && part.said != one.said) continue;
      made += wrapped(fmt::format("{}: {}, {}: {}{}{}", part.about, part.measured, part.threshold,
                                  to_string(part.said), part.why.empty() ? "." : ". ", part.why),
                      "    ", width_);
      if (in_.in_detail) made += wrapped(part.reason, "      ", width_);
    }
    return made + wrapped("-> " + one.what->look_closer, "    ", width_);
  }

  const report& in_;
  const stream_traits& to_;
  std::size_t width_ = 0;
  std::size_t shown_ = columns;
  std::vector<cells> rows_;
  std::array<std::size_t, columns> widths_{};
};

const format_registration registered{
    "table", {".txt"}, [](const report& made, const stream_traits& to) {
      return text(made, to).render();
    }};

}  // namespace

}  // namespace gobench::cli::claims
