// The options of the detector in a checked program, from the table that defines them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::cli::race {

enum class option_type { flag, number, text };

struct detector_option {
  std::string name;  // such as halt_on_error
  option_type type;
  std::string standard;  // the value that it has by default
  std::string help;
};

const std::vector<detector_option>& detector_options();

// Null when there is none of this name.
const detector_option* find_option(std::string_view name);

// "halt_on_error" -> "--halt-on-error"
std::string flag_of(const detector_option& one);

// Throws usage_error when the text is no value of the option. `setting` is where it came from.
void require_value(const detector_option& one, std::string_view setting, std::string_view text);

// What GOBENCH_RACE says, later values replacing earlier ones. Throws usage_error for a name that does not
// exist, a value that cannot be, a quote that is not closed. `setting` is what to call it.
std::map<std::string, std::string> parse_options(std::string_view setting, std::string_view text);

// The reverse: "name=value:name=value", values in quotes where they need them. Throws usage_error for a
// value that has both kinds of quotes, which cannot be told.
std::string format_options(const std::map<std::string, std::string>& values);

}  // namespace gobench::cli::race
