#include "cli/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"

namespace gobench::cli {

namespace {

// One line of the file: to which command it belongs ("" for gobench itself), option, value.
struct file_setting {
  std::string verb;
  std::string option;
  std::string text;
  std::string name;  // as the user wrote it
};

std::vector<file_setting> settings_of(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return {};
  std::ifstream in(file);
  if (!in || std::filesystem::is_directory(file, ignored)) {
    const int cause = std::filesystem::is_directory(file, ignored) ? EISDIR : errno;
    throw environment_error(messages::unreadable_settings(file.string(), std::strerror(cause)));
  }
  std::vector<file_setting> found;
  for (const CLI::ConfigItem& item : CLI::ConfigTOML().from_config(in)) {
    if (item.name == "++" || item.name == "--") continue;  // CLI11's marks of a section
    file_setting one;
    one.name = item.fullname();
    one.text = fmt::format("{}", fmt::join(item.inputs, ","));
    if (!item.parents.empty()) one.verb = item.parents.front();
    if (item.parents.size() == 2 && item.parents.back() == "param") {
      one.option = "param";
      one.text = item.name + "=" + one.text;
    } else if (item.parents.size() <= 1) {
      one.option = item.name;
    }
    found.push_back(std::move(one));
  }
  return found;
}

// Options that a setting may name: all but those that ask for a text.
std::vector<const CLI::Option*> settable(const CLI::App& app) {
  return app.get_options([](const CLI::Option* one) {
    return !one->get_lnames().empty() && one->get_lnames().front() != "help" &&
           one->get_lnames().front() != "version";
  });
}

void give(CLI::Option& option, const std::string& origin, const std::string& text) {
  if (option.get_items_expected_max() == 0) {  // a switch
    if (text != "true" && text != "false" && text != "1" && text != "0") {
      throw usage_error(messages::bad_switch(origin, text));
    }
    option.add_result(text == "true" || text == "1" ? "true" : "false");
  } else {
    option.add_result(text);
  }
  option.run_callback();
}

// Every setting of the file must name an option of gobench or of one of its commands, so that a
// mistyped one is not silently without effect.
void check_names(const CLI::App& top, const std::vector<file_setting>& settings,
                 const std::string& file) {
  std::vector<std::string> names;
  for (const CLI::Option* one : settable(top)) names.push_back(one->get_lnames().front());
  for (const CLI::App* verb : top.get_subcommands([](const CLI::App*) { return true; })) {
    for (const CLI::Option* one : settable(*verb)) {
      names.push_back(verb->get_name() + "." + one->get_lnames().front());
    }
  }
  for (const file_setting& one : settings) {
    const std::string full = one.verb.empty() ? one.option : one.verb + "." + one.option;
    if (one.option.empty() || std::ranges::find(names, full) == names.end()) {
      throw usage_error(messages::unknown_setting(file, one.name, nearest(one.name, names)));
    }
  }
}

}  // namespace

std::string environment_name(const std::string& option) {
  std::string name = "GOBENCH_";
  for (const char c : option) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::map<std::string, std::string> apply_settings(const CLI::App& top, const CLI::App* verb,
                                                  const std::filesystem::path& file) {
  const std::vector<file_setting> in_file = settings_of(file);
  check_names(top, in_file, file.string());

  std::map<std::string, std::string> origins;
  for (const CLI::App* app : {&top, verb}) {
    if (app == nullptr) continue;
    for (const CLI::Option* listed : settable(*app)) {
      if (listed->count() > 0) continue;
      CLI::Option& option =
          *const_cast<CLI::App*>(app)->get_option("--" + listed->get_lnames().front());
      const std::string& name = listed->get_lnames().front();
      const std::string variable = environment_name(name);
      if (const char* text = std::getenv(variable.c_str()); text != nullptr && *text != '\0') {
        origins["--" + name] = variable;
        give(option, variable, text);
        continue;
      }
      for (const file_setting& one : in_file) {
        if (one.option != name || one.verb != (app == &top ? "" : app->get_name())) continue;
        origins["--" + name] = fmt::format("{} in {}", one.name, file.string());
        give(option, origins["--" + name], one.text);
      }
    }
  }
  return origins;
}

}  // namespace gobench::cli
