// The programs that draw.
#pragma once

#include <string>

#include "cli/plot/picture.hpp"

namespace gobench::cli::plot {

struct drawer {
  std::string name;     // gnuplot or matplotlib
  std::string program;  // path of what runs the script
};

// The one that is wanted, else the first that is there. Throws environment_error where there is none, usage_error
// for a name that is neither.
drawer find_drawer(const std::string& wanted, const std::string& setting);

std::string script_for(const drawer& with, const picture& shown, const std::string& file);

// Runs the script, which writes `file`: whole, or not at all. Throws environment_error.
void draw(const drawer& with, const picture& shown, const std::string& file);

}  // namespace gobench::cli::plot
