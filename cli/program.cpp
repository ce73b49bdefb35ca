#include "cli/program.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/plugins.hpp"
#include "cli/rest_arguments.hpp"
#include "cli/settings.hpp"
#include "cli/signals.hpp"
#include "results/build_info.hpp"

namespace gobench::cli {

namespace {

struct top_options {
  bool quiet = false;
  std::string color = "auto";
  std::vector<std::string> plugins;
};

struct program {
  CLI::App app{"Measures concurrency primitives on this machine, and finds data races."};
  top_options chosen;
  std::vector<command_body> bodies;  // in the order of all_commands()
};

std::string version_text() {
  const results::build_info& build = results::this_build();
  const std::string commit =
      build.git_commit.empty() ? std::string() : fmt::format(" ({})", build.git_commit);
  return fmt::format("gobench {}{}, {}, {} build", build.version, commit, build.compiler,
                     build.build_type);
}

void prepare(program& made) {
  CLI::App& app = made.app;
  app.name("gobench");
  app.require_subcommand(0, 1);
  app.allow_extras();
  app.set_help_flag("-h,--help", "Show this help and end");
  app.set_version_flag("--version", version_text(), "Show the version and end");
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  app.add_flag("-q,--quiet", made.chosen.quiet, "No progress, hints or warnings");
  app.add_option("--color", made.chosen.color, "Colour: auto, always or never")->type_name("WHEN");
  app.add_option("--plugin", made.chosen.plugins,
                 "Shared objects with further suites; docs/writing-a-suite.md")
      ->type_name("FILES")
      ->delimiter(',')
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.footer(fmt::format(
      "Options can also be set in the environment (GOBENCH_QUIET=true, GOBENCH_REPS=20) or in\n"
      "{} in the current directory; a flag goes before the environment, and that before the file.\n"
      "gobench COMMAND --help explains a command.",
      settings_file));
  for (const command& one : all_commands()) {
    CLI::App* verb = app.add_subcommand(one.name, one.about);
    verb->allow_extras();
    verb->fallthrough();
    verb->set_help_flag("-h,--help", "Show this help and end");
    verb->footer(one.epilogue);
    made.bodies.push_back(one.prepare(*verb));
  }
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* one : app.get_options()) {
    for (const std::string& name : one->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> verb_names() {
  std::vector<std::string> names;
  for (const command& one : all_commands()) names.push_back(one.name);
  return names;
}

// What CLI11 could not place: a mistyped verb or option.
void refuse_extras(const CLI::App& app, const CLI::App* verb) {
  const std::vector<std::string> extras = app.remaining(true);
  const std::string name = verb == nullptr ? std::string() : verb->get_name();
  for (const std::string& extra : extras) {
    if (!extra.starts_with("-")) continue;
    const std::string typed = extra.substr(0, extra.find('='));
    std::vector<std::string> names = option_names(app);
    if (verb != nullptr) {
      for (const std::string& one : option_names(*verb)) names.push_back(one);
    }
    throw usage_error(messages::unknown_option(typed, name, nearest(typed, names)));
  }
  if (extras.empty()) return;
  if (verb == nullptr) {
    throw usage_error(
        messages::unknown_verb(extras.front(), nearest(extras.front(), verb_names())));
  }
  throw usage_error(messages::unexpected_argument(extras.front(), name));
}

color_choice color_of(const surroundings& around, const std::string& text) {
  if (text == "auto") return color_choice::automatic;
  if (text == "always") return color_choice::always;
  if (text == "never") return color_choice::never;
  const std::vector<std::string> choices = {"auto", "always", "never"};
  throw usage_error(
      messages::bad_choice(around.origin_of("--color"), text, choices, nearest(text, choices)));
}

int dispatch(int argc, const char* const* argv) {
  program made;
  prepare(made);
  CLI::App& app = made.app;
  const split_arguments typed = split_rest(app, argc, argv);
  std::vector<const char*> ours;
  for (const std::string& one : typed.ours) ours.push_back(one.c_str());
  const auto chosen_verb = [&]() -> const CLI::App* {
    const auto verbs = app.get_subcommands();
    return verbs.empty() ? nullptr : verbs.front();
  };
  const auto verb_name = [&] {
    return chosen_verb() == nullptr ? std::string() : chosen_verb()->get_name();
  };
  try {
    app.parse(static_cast<int>(ours.size()), ours.data());
  } catch (const CLI::Success& asked_for_text) {
    return app.exit(asked_for_text);
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string what = error.what();
    throw usage_error(messages::missing_value(what.substr(0, what.find(':')), verb_name()));
  } catch (const CLI::ParseError& error) {
    throw usage_error(messages::bad_command_line(error.what(), verb_name()));
  }
  const CLI::App* verb = chosen_verb();
  refuse_extras(app, verb);
  if (verb == nullptr) throw usage_error(messages::no_verb(verb_names()));

  surroundings around;
  around.command_line.assign(argv, argv + argc);
  around.rest = typed.rest;
  around.origins = apply_settings(app, verb, settings_file);
  around.quiet = made.chosen.quiet;
  around.color = color_of(around, made.chosen.color);
  around.out = traits_of(1, around.color);
  around.err = traits_of(2, around.color);
  load_plugins(made.chosen.plugins);

  const std::vector<command>& commands = all_commands();
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (commands[i].name == verb->get_name()) return made.bodies[i](around);
  }
  throw bug(messages::internal_error("a command has no body"));
}

void say(const std::string& sentence) { std::cerr << sentence << std::endl; }

}  // namespace

int run_program(int argc, const char* const* argv) {
  watch_signals();
  try {
    return dispatch(argc, argv);
  } catch (const failure& known) {
    say(known.what());
    return static_cast<int>(known.code());
  } catch (const std::exception& unknown) {
    say(messages::internal_error(unknown.what()));
    return static_cast<int>(exit_code::bug);
  }
}

}  // namespace gobench::cli
