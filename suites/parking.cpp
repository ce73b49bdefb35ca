#include "suites/parking.hpp"

#include "suites/child.hpp"

namespace gobench::suites {

void parking::begin() {
  resident_bytes_ = status_bytes("VmRSS");
  table_bytes_ = status_bytes("VmPTE");
  all_.start();
}

void parking::all_are_parked() {
  creating_.stop();
  resident_bytes_ = (status_bytes("VmRSS") - resident_bytes_) / tasks_;
  table_bytes_ = (status_bytes("VmPTE") - table_bytes_) / tasks_;
}

void parking::end(std::uint64_t woken) {
  all_.stop();
  woken_ = woken;
}

measurement parking::taken() const {
  const auto tasks = static_cast<std::uint64_t>(tasks_);
  measurement made = all_.taken(tasks);
  made.metrics.set("create_ns", creating_.taken(tasks).seconds * 1e9 / tasks_);
  made.metrics.set("resident_bytes", resident_bytes_);
  made.metrics.set("table_bytes", table_bytes_);
  made.result = proof::equal("the number of tasks woken", woken_, tasks);
  return made;
}

measurement park_in_a_child(const point& where, parking (*park)(const point&)) {
  return report_of_a_child([&] { return park(where); }).taken();
}

}  // namespace gobench::suites
