// What `gobench cxx` says to its user.
#pragma once

#include <string>
#include <string_view>

namespace gobench::cli::cxx::messages {

std::string nothing_to_do();
std::string no_such_step(std::string_view typed);
// `origin` is the variable that names it; empty when it is the default.
std::string no_compiler(std::string_view name, std::string_view origin);
std::string cannot_start(std::string_view cause);
std::string no_check_flags(std::string_view file);
std::string no_check_library(std::string_view file);
std::string no_static();
std::string no_scratch(std::string_view cause);

}  // namespace gobench::cli::cxx::messages
