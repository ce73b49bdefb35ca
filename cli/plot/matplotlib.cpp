#include <algorithm>

#include "cli/plot/script.hpp"
#include "cli/report/page_parts.hpp"
#include "results/internal/json.hpp"

namespace gobench::cli::plot {

namespace {

using results::internal::json;

const char* name_of(kind one) {
  switch (one) {
    case kind::lines:
      return "lines";
    case kind::bars:
      return "bars";
    case kind::latency:
      return "latency";
    case kind::heat_map:
      return "heat";
  }
  return "";
}

}  // namespace

std::string matplotlib_script(const picture& shown, const std::string& file) {
  json lines = json::array();
  for (const line& one : shown.lines) {
    json points = json::array();
    for (const point& p : one.points) points.push_back({p.x, p.y, p.low, p.high});
    lines.push_back({{"name", one.name}, {"points", points}});
  }
  const json all = {{"kind", name_of(shown.how)}, {"title", shown.title},
                    {"subtitle", shown.subtitle}, {"x_label", shown.x_label},
                    {"y_label", shown.y_label},   {"log_x", shown.log_x},
                    {"log_y", shown.log_y},       {"ticks", shown.ticks},
                    {"rows", shown.rows},         {"lines", lines}};
  // JSON within a JSON string in ASCII, which is a string of Python as well.
  const auto ascii = [](const json& j) {
    return j.dump(-1, ' ', true, json::error_handler_t::replace);
  };
  const auto parts = report::page_parts();
  const auto drawing = std::ranges::find(parts, "draw_picture.py", &report::page_part::name);
  std::string made(drawing == parts.end() ? std::string_view() : drawing->text);
  return made + "\n\nimport json  # noqa: E402\n\nsave(json.loads(" + ascii(ascii(all)) + "), " +
         ascii(file) + ")\n";
}

}  // namespace gobench::cli::plot
