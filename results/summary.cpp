#include "results/summary.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace gobench::results {

double as_number(const value& v) {
  if (const auto* whole = std::get_if<std::int64_t>(&v)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&v)) return *real;
  return not_measured;
}

bool is_serial(const sample& one) {
  const value* parallel = one.metrics.find(metric_parallel);
  return parallel != nullptr && as_number(*parallel) < serial_below;
}

summary summarise(std::span<const sample> repetitions) {
  std::vector<double> times;
  std::size_t serial = 0;
  for (const sample& one : repetitions) {
    if (!std::isfinite(one.ns_per_op)) continue;
    times.push_back(one.ns_per_op);
    if (is_serial(one)) ++serial;
  }
  summary made;
  made.count = times.size();
  if (times.empty()) return made;
  made.median_ns = median(times);
  made.range_ns = median_interval(times);
  made.serial = 2 * serial >= times.size();
  if (times.size() > 1 && made.median_ns > 0) {
    made.spread =
        std::max(made.range_ns.high - made.median_ns, made.median_ns - made.range_ns.low) /
        made.median_ns;
    made.noisy = made.spread > noisy_above;
  }
  return made;
}

}  // namespace gobench::results
