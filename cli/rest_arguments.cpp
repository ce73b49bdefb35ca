#include "cli/rest_arguments.hpp"

#include <algorithm>
#include <cstddef>

#include "cli/command.hpp"

namespace gobench::cli {

namespace {

// The option that is typed as `argument`, in the first of the apps that has it.
const CLI::Option* option_of(const std::vector<const CLI::App*>& apps,
                             const std::string& argument) {
  const std::string name = argument.substr(0, argument.find('='));
  for (const CLI::App* app : apps) {
    for (const CLI::Option* one : app->get_options()) {
      if (one->check_name(name)) return one;
    }
  }
  return nullptr;
}

bool is_option(const std::string& argument) {
  return argument.size() > 1 && argument.starts_with("-");
}

// The first argument from `at` on that is neither an option of the apps nor the value of one.
std::size_t skip_options(const std::vector<const CLI::App*>& apps,
                         const std::vector<std::string>& all, std::size_t at) {
  while (at < all.size() && is_option(all[at]) && all[at] != "--") {
    const CLI::Option* option = option_of(apps, all[at]);
    const bool value_follows = option != nullptr && option->get_items_expected_max() > 0 &&
                               all[at].find('=') == std::string::npos;
    at += value_follows ? 2 : 1;
  }
  return std::min(at, all.size());
}

}  // namespace

split_arguments split_rest(const CLI::App& app, int argc, const char* const* argv) {
  const std::vector<std::string> all(argv, argv + argc);
  const std::size_t verb_at = skip_options({&app}, all, 1);
  if (verb_at >= all.size()) return {all, {}};
  const auto& commands = all_commands();
  const auto chosen = std::ranges::find(commands, all[verb_at], &command::name);
  if (chosen == commands.end()) return {all, {}};

  const CLI::App* verb = app.get_subcommand(chosen->name);
  std::size_t from = verb_at + 1;
  switch (chosen->rest) {
    case rest_arguments::none:
      return {all, {}};
    case rest_arguments::program:
      from = skip_options({verb, &app}, all, from);
      break;
    case rest_arguments::everything:
      // Its own options come first and alone.
      if (from < all.size() && option_of({verb}, all[from]) != nullptr) return {all, {}};
      break;
  }
  split_arguments made;
  const auto border = all.begin() + static_cast<std::ptrdiff_t>(from);
  made.ours.assign(all.begin(), border);
  made.rest.assign(border, all.end());
  if (!made.rest.empty() && made.rest.front() == "--") made.rest.erase(made.rest.begin());
  return made;
}

}  // namespace gobench::cli
