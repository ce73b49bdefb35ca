#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/plot/script.hpp"
#include "results/internal/text.hpp"
#include "results/table/text.hpp"

namespace gobench::cli::plot {

namespace {

using results::internal::replaced;
using results::internal::shortest;

// Okabe and Ito, Color Universal Design (2008), without the yellow, which nobody sees on white.
constexpr const char* colours[] = {"#0072B2", "#E69F00", "#009E73", "#CC79A7",
                                   "#D55E00", "#56B4E9", "#000000"};
constexpr std::size_t colour_count = std::size(colours);

// Between single quotes gnuplot expands nothing; what would end them is written as people write it.
std::string quoted(const std::string& text) {
  return "'" + replaced(replaced(text, "'", "’"), "`", "´") + "'";
}

std::string tics(const std::vector<std::string>& names) {
  std::string made;
  for (std::size_t i = 0; i < names.size(); ++i) {
    made += fmt::format("{}{} {}", i == 0 ? "" : ", ", quoted(replaced(names[i], "%", "%%")),
                        i);  // labels are formats
  }
  return "(" + made + ")";
}

std::string data_of(const picture& shown) {
  std::string made;
  for (std::size_t i = 0; i < shown.lines.size(); ++i) {
    made += fmt::format("$line{} << END\n", i);
    for (const point& p : shown.lines[i].points) {
      const double across = shown.how == kind::bars
                                ? p.x + 0.8 * ((static_cast<double>(i) + 0.5) /
                                                   static_cast<double>(shown.lines.size()) -
                                               0.5)
                                : p.x;
      made += fmt::format("{} {} {} {}\n", shortest(across), shortest(p.y), shortest(p.low),
                          shortest(p.high));
    }
    made += "END\n";
  }
  return made;
}

std::string style(std::size_t i) {
  return fmt::format("lc rgb '{}' dt {} lw 2", colours[i % colour_count], i / colour_count % 4 + 1);
}

std::string plot_lines(const picture& shown) {
  // Bands hide each other where they are many; bars do not.
  const bool bands = shown.lines.size() <= 4;
  std::string made;
  const auto add = [&](const std::string& one) {
    made += (made.empty() ? "plot " : ", \\\n     ") + one;
  };
  for (std::size_t i = 0; i < shown.lines.size(); ++i) {
    const char* colour = colours[i % colour_count];
    if (bands) {
      add(
          fmt::format("$line{} using 1:3:4 with filledcurves fs transparent solid 0.2 noborder lc "
                      "rgb '{}' notitle",
                      i, colour));
    } else {
      add(fmt::format("$line{} using 1:2:3:4 with yerrorbars pt 7 ps 0 lw 1 lc rgb '{}' notitle", i,
                      colour));
    }
  }
  for (std::size_t i = 0; i < shown.lines.size(); ++i) {
    add(fmt::format("$line{} using 1:2 with linespoints {} pt {} ps 0.7 title {}", i, style(i),
                    i % 7 + 4, shown.lines.size() == 1 ? "''" : quoted(shown.lines[i].name)));
  }
  return made + "\n";
}

std::string plot_bars(const picture& shown) {
  std::string made = fmt::format("set boxwidth {:.4f}\nset style fill solid 0.75\n",
                                 0.7 / static_cast<double>(shown.lines.size()));
  for (std::size_t i = 0; i < shown.lines.size(); ++i) {
    made += fmt::format("{}$line{} using 1:2 with boxes lc rgb '{}' title {}",
                        i == 0 ? "plot " : ", \\\n     ", i, colours[i % colour_count],
                        shown.lines.size() == 1 ? "''" : quoted(shown.lines[i].name));
  }
  for (std::size_t i = 0; i < shown.lines.size(); ++i) {
    made += fmt::format(
        ", \\\n     $line{} using 1:3:(0):($4-$3) with vectors heads size graph 0.008,90 lw 1.5 lc "
        "rgb '#333333' notitle",
        i);
  }
  return made + "\n";
}

std::string plot_heat_map(const picture& shown) {
  // The colours of cividis, which read alike for every kind of colour vision.
  double least = INFINITY;
  double most = -INFINITY;
  const auto scaled = [&](double y) { return shown.log_y ? std::log(y) : y; };
  for (const line& one : shown.lines) {
    for (const point& p : one.points) {
      least = std::min(least, scaled(p.y));
      most = std::max(most, scaled(p.y));
    }
  }
  std::string made = "$cells << END\n";
  for (std::size_t row = 0; row < shown.lines.size(); ++row) {
    for (const point& p : shown.lines[row].points) {
      const bool dark = scaled(p.y) <= (least + most) / 2;
      made += fmt::format("{} {} {} {} {}\n", shortest(p.x), row, shortest(p.y),
                          results::table::readable(p.y), dark ? "0xffffff" : "0x000000");
    }
  }
  made +=
      "END\nset palette defined (0 '#00224e', 0.25 '#35456c', 0.5 '#7d7c78', 0.75 '#bcae6c', 1 "
      "'#fee838')\n";
  if (shown.log_y) made += "set logscale cb\n";
  made += fmt::format(
      "set cblabel {}\nset ytics {}\nset ylabel 'tasks'\nset xrange [-0.5:{}]\nset yrange "
      "[-0.5:{}]\nunset grid\n",
      quoted(shown.y_label), tics(shown.rows), static_cast<double>(shown.ticks.size()) - 0.5,
      static_cast<double>(shown.rows.size()) - 0.5);
  return made +
         "plot $cells using 1:2:3 with image notitle, \\\n"
         "     $cells using 1:2:4:5 with labels tc rgb variable notitle\n";
}

}  // namespace

std::string gnuplot_script(const picture& shown, const std::string& file) {
  // Names below the picture take two lines of 800 pixels per pair.
  const std::size_t rows =
      shown.lines.size() <= 1 || shown.how == kind::heat_map ? 0 : (shown.lines.size() + 1) / 2;
  const std::size_t height = 480 + 20 * rows;
  std::string made =
      "# For gnuplot 5.4 and later; it writes " + results::table::printable(file) + "\n";
  made += file.ends_with(".svg") ? fmt::format(
                                       "set terminal svg size 800,{} noenhanced font 'DejaVu "
                                       "Sans,13' background 'white'\n",
                                       height)
                                 : fmt::format(
                                       "set terminal pngcairo size 1600,{} noenhanced font 'DejaVu "
                                       "Sans,13' fontscale 2 linewidth 2 "
                                       "pointscale 2 background 'white'\n",
                                       2 * height);
  made += "set encoding utf8\nset output " + quoted(file) + "\n" + data_of(shown);
  // A second title line in gnuplot is a line break within the first, which single quotes do not know.
  made += fmt::format("set title {}.\"\\n\".{}\n", quoted(shown.title), quoted(shown.subtitle));
  made += fmt::format(
      "set xlabel {}\nset ylabel {}\nset grid lt 1 lw 0.7 lc rgb '#cccccc'\nset border 3\nset tics "
      "nomirror out\n",
      quoted(shown.x_label), quoted(shown.y_label));
  made += "set key outside below center maxcols 2 width 2 samplen 3 Left reverse\n";
  if (shown.log_x) made += "set logscale x\n";
  if (shown.log_y) {
    made += "set logscale y\n";
  } else if (shown.how != kind::heat_map) {
    made += "set yrange [0:*]\n";
  }
  made += "set format y '%.10g'\n";
  if (!shown.ticks.empty()) {
    made += fmt::format("set xrange [-0.5:{}]\nset xtics {}{}\n",
                        static_cast<double>(shown.ticks.size()) - 0.5,
                        shown.ticks.size() > 5 ? "rotate by -30 " : "", tics(shown.ticks));
  } else {
    // The values that were measured.
    std::vector<double> values;
    for (const line& one : shown.lines) {
      for (const point& p : one.points) values.push_back(p.x);
    }
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    const double first = values.front();
    const double last = values.back();
    const double room = first == last ? 1 : (last - first) / 25;
    made +=
        shown.log_x
            ? fmt::format("set xrange [{}:{}]\n", shortest(first / 1.15), shortest(last * 1.15))
            : fmt::format("set xrange [{}:{}]\n", shortest(first - room), shortest(last + room));
    if (values.size() <= (shown.log_x ? 12U : 5U)) {
      std::string list;
      for (const double x : values) list += (list.empty() ? "" : ", ") + shortest(x);
      made += fmt::format("set xtics ({})\n", list);
    }
  }
  switch (shown.how) {
    case kind::lines:
    case kind::latency:
      return made + plot_lines(shown);
    case kind::bars:
      return made + plot_bars(shown);
    case kind::heat_map:
      // The logarithm is that of the colours there.
      return replaced(made, "set logscale y\n", "") + plot_heat_map(shown);
  }
  return made;
}

}  // namespace gobench::cli::plot
