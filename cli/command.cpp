#include "cli/command.hpp"

#include <algorithm>
#include <utility>

namespace gobench::cli {

namespace {

// A function's static, because commands register themselves before main in no particular order.
std::vector<command>& known() {
  static std::vector<command> commands;
  return commands;
}

}  // namespace

command_registration::command_registration(command made) {
  auto& commands = known();
  const auto place = std::ranges::upper_bound(commands, made.name, {}, &command::name);
  commands.insert(place, std::move(made));
}

const std::vector<command>& all_commands() { return known(); }

}  // namespace gobench::cli
