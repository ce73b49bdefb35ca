#include "results/table/metrics_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "results/table/text.hpp"

namespace gobench::results::table {

namespace {

// A section with metrics beside the times: a line for each implementation at each value of the dimension,
// those that are compared one below the other. Metrics that do not fit are continued below.
class metrics_text {
 public:
  metrics_text(const section& in, std::size_t width, const paint& colours, marks& seen)
      : in_(in), width_(width), colours_(colours), unit_(unit_of(in)) {
    head_ = {printable(in.dimension), "", std::string(unit_.name)};
    head_.insert(head_.end(), in.shown.begin(), in.shown.end());
    for (std::size_t c = 0; c < in.columns.size(); ++c) {
      bool first = true;
      for (const row& one : in.rows) {
        const cell& here = one.cells[c];
        if (!here.found) continue;
        lines_.push_back({{first ? in.columns[c] : "", printable(one.label)}, &here});
        first = false;
        std::vector<std::string>& text = lines_.back().text;
        const parts time = parts_of(here, unit_, seen);
        text.push_back(time.time);
        tails_.push_back(time.spread.empty() && time.mark.empty()
                             ? ""
                             : " " + pad_right(time.spread, spread_width) + " " + time.mark);
        tail_ = std::max(tail_, width_of(tails_.back()));
        for (std::size_t m = 0; m < here.metrics.size(); ++m)
          text.push_back(text_of(here.metrics[m], counts_in(m)));
      }
    }
    for (std::size_t c = 0; c < head_.size(); ++c) {
      widths_.push_back(width_of(head_[c]));
      for (const line& one : lines_) widths_[c] = std::max(widths_[c], width_of(one.text[c]));
    }
    // One metric at least beside the label.
    std::size_t widest = margin + widths_[2] + tail_;
    for (std::size_t c = fixed; c < head_.size(); ++c)
      widest = std::max(widest, margin + widths_[c]);
    const std::size_t used = 2 * margin + widths_[0];
    widths_[1] = std::min(widths_[1], width_ - std::min(width_ - 8, used + widest));
  }

  std::string render() const {
    std::string made = wrapped(printable(in_.title), width_, margin);
    made.pop_back();
    made = colours_.bold(made) + "\n";
    for (std::size_t first = fixed - 1; first < head_.size();) {
      std::size_t last = first;
      std::size_t used = 2 * margin + widths_[0] + widths_[1];
      while (last < head_.size() && used + all(last) <= width_) used += all(last++);
      last = std::max(last, first + 1);
      if (first >= fixed) made += "\n";
      std::string head;
      for (std::size_t c = 0; c < last; c = c == 1 ? first : c + 1)
        head += aligned(head_[c], c, "");
      made += colours_.dim(without_trail(head)) + "\n";
      for (std::size_t at = 0; at < lines_.size(); ++at) {
        std::string text;
        for (std::size_t c = 0; c < last; c = c == 1 ? first : c + 1)
          text += aligned(lines_[at].text[c], c, tails_[at], lines_[at].from);
        made += without_trail(text) + "\n";
      }
      first = last;
    }
    return made;
  }

 private:
  struct line {
    std::vector<std::string> text;  // a cell per column
    const cell* from;
  };
  static constexpr std::size_t fixed = 3;         // columns before the metrics
  static constexpr std::size_t spread_width = 5;  // of ±>99%

  // Whether a metric counts things: then it needs no digits behind the point.
  bool counts_in(std::size_t metric) const {
    for (const row& one : in_.rows) {
      for (const cell& c : one.cells) {
        if (!c.found || std::isnan(c.metrics[metric])) continue;
        if (c.metrics[metric] != std::floor(c.metrics[metric])) return false;
      }
    }
    return true;
  }

  static std::string text_of(double metric, bool count) {
    if (std::isnan(metric)) return "-";
    if (metric == 0) return "0";
    return count && metric < 1000 ? fmt::format("{:.0f}", metric) : readable(metric);
  }

  static std::string without_trail(std::string text) {
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }

  std::size_t all(std::size_t column) const {
    return margin + widths_[column] + (column == fixed - 1 ? tail_ : 0);
  }

  std::string aligned(const std::string& text, std::size_t column, const std::string& tail,
                      const cell* from = nullptr) const {
    std::string made(margin, ' ');
    if (column < fixed - 1) {
      return made + pad_right(shortened(text, widths_[column]), widths_[column]);
    }
    const std::string right = pad_left(text, widths_[column]);
    if (column >= fixed) return made + right;
    const bool best = from != nullptr && from->best;
    const bool unsure = from != nullptr && from->found->noisy;
    made += best ? colours_.best(right) : unsure ? colours_.dim(right) : right;
    const std::string padding(tail_ - width_of(tail), ' ');
    return made + (tail.empty() ? tail : colours_.dim(tail)) + padding;
  }

  const section& in_;
  std::size_t width_;
  const paint& colours_;
  time_unit unit_;
  std::vector<std::string> head_;
  std::vector<line> lines_;
  std::vector<std::string> tails_;
  std::size_t tail_ = 0;
  std::vector<std::size_t> widths_;
};

}  // namespace

std::string with_metrics(const section& in, std::size_t width, const paint& colours, marks& seen) {
  return metrics_text(in, width, colours, seen).render();
}

}  // namespace gobench::results::table
