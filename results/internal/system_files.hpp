// The files of /proc and /sys that a context is made of, below any root.
#pragma once

#include <filesystem>
#include <string>

#include "results/machine.hpp"

namespace gobench::results::internal {

// First line of a file without white space at its ends; empty when it cannot be read.
std::string first_line(const std::filesystem::path& file);

// The value behind `key` and a colon in a file of such lines, /proc/cpuinfo or /proc/meminfo.
std::string field_of(const std::filesystem::path& file, const std::string& key);

// The number of CPUs in a list such as 0-3,8; 0 when it is none.
int cpus_in_list(const std::string& list);

// Distinct pairs of package and core in /proc/cpuinfo; 0 when it does not tell.
int physical_cores(const std::filesystem::path& cpuinfo);

// The one that all CPUs have, `mixed`, or empty where there is no frequency scaling.
std::string governor(const std::filesystem::path& root);

// on, off, or empty.
std::string turbo(const std::filesystem::path& root);

// The smallest CPU quota on the way from this process's control group to the top, in CPUs, version 1
// or 2 of control groups; not_measured without any.
double cgroup_cpus(const std::filesystem::path& root);

// Zeros when /proc/stat cannot be read.
cpu_ticks ticks(const std::filesystem::path& root);

}  // namespace gobench::results::internal
