// A picture as a script of a program that draws it.
#pragma once

#include <string>

#include "cli/plot/picture.hpp"

namespace gobench::cli::plot {

// `file` ends in .svg or .png. No name in the picture is read as a command.
std::string gnuplot_script(const picture& shown, const std::string& file);
std::string matplotlib_script(const picture& shown, const std::string& file);

}  // namespace gobench::cli::plot
