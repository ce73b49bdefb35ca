#include "cli/command_line.hpp"

#include <cstdlib>
#include <string_view>

namespace gobench::cli {

std::string quoted(const std::string& argument) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=,./:+@%";
  if (!argument.empty() && argument.find_first_not_of(plain) == std::string::npos) return argument;
  std::string made = "'";
  for (const char c : argument) made += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return made + "'";
}

std::string quoted(const std::vector<std::string>& arguments) {
  std::string made;
  for (const std::string& one : arguments) made += (made.empty() ? "" : " ") + quoted(one);
  return made;
}

std::string typed_program(const surroundings& around) {
  // Set by scripts/gobench.
  const char* invoked_as = std::getenv("GOBENCH_INVOKED_AS");
  return quoted(invoked_as != nullptr ? std::string(invoked_as) : around.command_line.front());
}

std::string typed_command(const surroundings& around) {
  const std::vector<std::string> arguments(around.command_line.begin() + 1,
                                           around.command_line.end());
  return typed_program(around) + (arguments.empty() ? "" : " " + quoted(arguments));
}

}  // namespace gobench::cli
