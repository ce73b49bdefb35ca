// How long tasks had to wait, as the metrics of a sample.
#pragma once

#include <string>
#include <vector>

#include "results/histogram.hpp"
#include "results/record.hpp"

namespace gobench::suites {

// The columns of add_lateness(), in us: quantiles of single waits, and the longest one.
inline const std::vector<std::string> lateness_metrics = {"p50_us", "p90_us", "p99_us", "p999_us",
                                                          "max_us"};

// From waits in ns. Nothing is added when there was none.
inline void add_lateness(results::fields& metrics, const results::histogram& waits) {
  if (waits.count() == 0) return;
  metrics.set("p50_us", waits.quantile(0.5) / 1000);
  metrics.set("p90_us", waits.quantile(0.9) / 1000);
  metrics.set("p99_us", waits.quantile(0.99) / 1000);
  metrics.set("p999_us", waits.quantile(0.999) / 1000);
  metrics.set("max_us", static_cast<double>(waits.max()) / 1000);
}

}  // namespace gobench::suites
