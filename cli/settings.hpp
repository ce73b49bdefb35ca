// Options that were not typed take their value from the environment (GOBENCH_MIN_TIME for
// --min-time), else from gobench.toml in the current directory, else keep their default.
//
//   color = "never"            # options of gobench itself
//   [run]
//   min-time = "50ms"          # options of a command, below its name
//   tasks = [1, 8]
//   [run.param]
//   hold_ns = [0, 1000]        # --param hold_ns=0,1000
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <string>

namespace gobench::cli {

inline constexpr const char* settings_file = "gobench.toml";

// GOBENCH_MIN_TIME for --min-time.
std::string environment_name(const std::string& option);

// Fills in the options of `top` and of `verb` (null when none was given) that were not typed. Returns
// where each value came from, by the option's name. Throws usage_error for a setting that does not
// exist or cannot be, environment_error for a file that cannot be read.
std::map<std::string, std::string> apply_settings(const CLI::App& top, const CLI::App* verb,
                                                  const std::filesystem::path& file);

}  // namespace gobench::cli
