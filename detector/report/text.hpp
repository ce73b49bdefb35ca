// A finding for people: at most 100 columns, but for its first line, which is for grep and holds all that counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/report/finding.hpp"

namespace gobench::detector::reporting {

struct text_style {
  bool color = false;
  std::string command;  // that reproduces it; empty: the line is left out
};

std::string text_of(const finding& what, const text_style& style);

// `text` broken at spaces so that no line is longer than `width`; every line begins with `indent`.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 100);

// The arguments as a shell takes them.
std::string shell_quoted(const std::vector<std::string>& arguments);

// "gobench race ./app 'x y'", of the running program.
std::string reproducing_command();

}  // namespace gobench::detector::reporting
