// Whether the tasks of a sample really ran at the same time.
//
// On a small or busy machine a short share of work fits into one time slice, so that the tasks run one
// after another and a lock that was meant to be contended never is. Each task therefore notes the time
// and its CPU at every 1/64 of its share; this turns the notes into two figures.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "suites/ticks.hpp"

namespace gobench::suites {

struct overlap {
  double parallel = 0;     // share of the windows in which tasks progressed on two or more CPUs
  double interleaved = 0;  // share of the windows in which two or more tasks progressed
};

inline constexpr int overlap_windows = 32;

// `tasks`: for each task its marks in order of time, the first at its start. The measured interval
// [first, last] is cut into `overlap_windows` of equal length.
//
// A task progresses from mark to mark. A stretch between two marks that is longer than four times the
// task's median stretch is a pause (it waited, or was preempted): of it only the window of its
// last moment counts, in which the mark was reached.
overlap overlap_of(std::span<const std::vector<mark>> tasks, std::uint64_t first,
                   std::uint64_t last);

}  // namespace gobench::suites
