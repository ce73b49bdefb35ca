#include "results/table/render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "results/table/cells.hpp"
#include "results/table/metrics_text.hpp"
#include "results/table/text.hpp"

namespace gobench::results::table {

namespace {

constexpr std::size_t narrowest = 60;

// The widths of the parts of a column.
struct widths {
  std::size_t time = 0;
  std::size_t spread = 0;
  std::size_t mark = 0;

  std::size_t behind_time() const {
    return (spread > 0 ? 1 + spread : 0) + (mark > 0 ? 1 + mark : 0);
  }
  std::size_t all() const { return margin + time + behind_time(); }
};

class section_text {
 public:
  section_text(const section& in, std::size_t width, const paint& colours, marks& seen)
      : in_(in), width_(width), colours_(colours), unit_(unit_of(in)) {
    for (const std::string& column : in.columns) {
      columns_.push_back({});
      columns_.back().time = width_of(column);
    }
    label_ = width_of(printable(in.dimension));
    for (const row& one : in.rows) {
      label_ = std::max(label_, width_of(printable(one.label)));
      std::vector<parts> line;
      for (std::size_t c = 0; c < one.cells.size(); ++c) {
        line.push_back(parts_of(one.cells[c], unit_, seen));
        columns_[c].time = std::max(columns_[c].time, width_of(line.back().time));
        columns_[c].spread = std::max(columns_[c].spread, width_of(line.back().spread));
        columns_[c].mark = std::max(columns_[c].mark, width_of(line.back().mark));
      }
      cells_.push_back(std::move(line));
    }
    // A label may take half of the line, but leaves room for the widest column.
    std::size_t widest = 0;
    for (const widths& one : columns_) widest = std::max(widest, one.all());
    label_ = std::min({label_, width_ - margin - widest, std::max(width_ / 2, std::size_t{30})});
  }

  std::string render() const {
    std::string made = wrapped(
        fmt::format("{} ({} per operation)", printable(in_.title), unit_.name), width_, margin);
    made.pop_back();
    made = colours_.bold(made) + "\n";
    for (std::size_t first = 0; first < columns_.size();) {
      std::size_t last = first;
      std::size_t used = margin + label_;
      while (last < columns_.size() && used + columns_[last].all() <= width_) {
        used += columns_[last++].all();
      }
      if (first > 0) made += "\n";
      made += lines(first, last);
      first = last;
    }
    return made;
  }

 private:
  std::string lines(std::size_t first, std::size_t last) const {
    std::string head =
        std::string(margin, ' ') + pad_right(shortened(printable(in_.dimension), label_), label_);
    for (std::size_t c = first; c < last; ++c) {
      head += std::string(margin, ' ') + pad_left(in_.columns[c], columns_[c].time);
      if (c + 1 < last) head += std::string(columns_[c].behind_time(), ' ');
    }
    std::string made = colours_.dim(head) + "\n";
    for (std::size_t r = 0; r < in_.rows.size(); ++r) {
      const auto& cells = in_.rows[r].cells;
      const bool any = std::any_of(cells.begin() + static_cast<std::ptrdiff_t>(first),
                                   cells.begin() + static_cast<std::ptrdiff_t>(last),
                                   [](const cell& one) { return one.found.has_value(); });
      // In a continuation a row without anything in it says nothing.
      if (any || last - first == in_.columns.size()) made += line(r, first, last);
    }
    return made;
  }

  std::string line(std::size_t r, std::size_t first, std::size_t last) const {
    std::string made = std::string(margin, ' ') +
                       pad_right(shortened(printable(in_.rows[r].label), label_), label_);
    std::string gap;
    for (std::size_t c = first; c < last; ++c) {
      const parts& text = cells_[r][c];
      const cell& one = in_.rows[r].cells[c];
      const std::string time = pad_left(text.time, columns_[c].time);
      made += gap + std::string(margin, ' ');
      const bool unsure = !one.found || one.found->noisy;
      made += unsure ? colours_.dim(time) : one.best ? colours_.best(time) : time;
      gap.clear();
      append(made, gap, text.spread, columns_[c].spread, &paint::dim);
      append(made, gap, text.mark, columns_[c].mark, one.best ? &paint::best : &paint::warn);
    }
    return made + "\n";
  }

  // A part of a cell; its padding only goes into the line when something follows.
  void append(std::string& to, std::string& gap, const std::string& text, std::size_t width,
              std::string (paint::*colour)(const std::string&) const) const {
    if (width == 0) return;
    gap += ' ';
    if (!text.empty()) {
      to += gap + (colours_.*colour)(text);
      gap.clear();
    }
    gap += std::string(width - width_of(text), ' ');
  }

  const section& in_;
  std::size_t width_;
  const paint& colours_;
  time_unit unit_;
  std::vector<std::vector<parts>> cells_;
  std::vector<widths> columns_;
  std::size_t label_ = 0;
};

// Facts in a line, broken between them only.
class facts {
 public:
  void add(const std::string& fact) {
    if (!text_.empty()) text_ += ", ";
    text_ += unbroken(printable(fact));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string heading(const block& of) {
  facts made;
  made.add(of.suite + ": median time per operation");
  for (const std::string& constant : of.constants) made.add(constant);
  made.add((of.fewest == of.most ? fmt::format("{} ", of.most)
                                 : fmt::format("{} to {} ", of.fewest, of.most)) +
           (of.most == 1 ? "sample each" : "samples each"));
  return made.text();
}

std::string machine(const context& about) {
  facts made;
  if (!about.cpu_model.empty()) made.add(about.cpu_model);
  if (about.cpus_online > 0) {
    made.add(fmt::format("{} CPU{}", about.cpus_online, about.cpus_online == 1 ? "" : "s"));
  }
  if (about.cpus_allowed > 0 && about.cpus_allowed < about.cpus_online) {
    made.add(fmt::format("{} of them allowed", about.cpus_allowed));
  }
  if (!std::isnan(about.cgroup_cpus)) made.add(fmt::format("quota {:.3g} CPUs", about.cgroup_cpus));
  if (!about.kernel.empty()) made.add("Linux " + about.kernel);
  if (!about.governor.empty()) made.add("governor " + about.governor);
  if (!about.turbo.empty()) made.add("turbo " + about.turbo);
  if (!std::isnan(about.load_1min)) made.add(fmt::format("load {:.2f}", about.load_1min));
  if (!std::isnan(about.steal_percent)) made.add(fmt::format("steal {:.1f}%", about.steal_percent));
  return made.text();
}

std::string legend(const marks& seen, std::size_t width) {
  std::string made;
  if (seen.spread) {
    std::string what = "± from the median to the ";
    if (seen.interval) what += "further end of its 95% interval";
    if (seen.interval && seen.range) what += " (with fewer than 6 samples: to the ";
    if (seen.range) what += "furthest sample";
    if (seen.interval && seen.range) what += ")";
    made += wrapped(what, width, margin);
  }
  if (seen.best) {
    made += wrapped("* fastest in its column, or too close to the fastest to tell them apart",
                    width, margin);
  }
  if (seen.noisy) {
    made += wrapped(fmt::format("~ too noisy to tell: more than ±{:.0f}%", noisy_above * 100),
                    width, margin);
  }
  if (seen.serial) {
    made += wrapped(
        "s serial: the tasks ran one after another on one CPU at a time, so they hardly contended",
        width, margin);
  }
  return made;
}

}  // namespace

std::string render(std::span<const block> blocks, const context& about, const sink_options& how) {
  const std::size_t width = std::max<std::size_t>(how.width, narrowest);
  const paint colours(how.colour);
  marks seen;
  std::string made;
  for (const block& one : blocks) {
    std::string head = wrapped(heading(one), width, margin);
    head.pop_back();
    made += colours.bold(head) + "\n";
    if (const std::string on = machine(about); !on.empty()) made += wrapped(on, width, margin);
    made += "\n";
    for (const section& part : one.sections) {
      made += (part.shown.empty() ? section_text(part, width, colours, seen).render()
                                  : with_metrics(part, width, colours, seen)) +
              "\n";
    }
  }
  if (blocks.empty()) return "There are no samples.\n";
  const std::string marked = legend(seen, width);
  if (marked.empty()) made.pop_back();
  return made + marked;
}

}  // namespace gobench::results::table
