#include "tests/detector/findings/schema.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <stdexcept>

namespace gobench::detector::findings::testing {

namespace {

using nlohmann::json;

class validator {
 public:
  explicit validator(const json& root) : root_(root) {}

  void check(const json& schema, const json& value, const std::string& path) {
    for (const auto& [keyword, rule] : schema.items()) {
      if (keyword == "$schema" || keyword == "$id" || keyword == "title" ||
          keyword == "description" || keyword == "definitions") {
        continue;
      }
      if (keyword == "$ref") {
        check(root_.at(json::json_pointer(rule.get<std::string>().substr(1))), value, path);
      } else if (keyword == "type") {
        const json& names = rule;
        const bool fits =
            names.is_array()
                ? std::ranges::any_of(names, [&](const json& one) { return is(one, value); })
                : is(names, value);
        if (!fits) say(path, "is no " + names.dump());
      } else if (keyword == "enum") {
        if (std::ranges::find(rule, value) == rule.end()) say(path, "is none of " + rule.dump());
      } else if (keyword == "const") {
        if (value != rule) say(path, "is not " + rule.dump());
      } else if (keyword == "pattern") {
        if (value.is_string() &&
            !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()))) {
          say(path, "does not match " + rule.dump());
        }
      } else if (keyword == "minimum") {
        if (value.is_number() && value < rule) say(path, "is below " + rule.dump());
      } else if (keyword == "minItems") {
        if (value.is_array() && value.size() < rule) say(path, "has too few items");
      } else if (keyword == "required") {
        for (const json& name : rule) {
          if (value.is_object() && !value.contains(name)) say(path, "has no " + name.dump());
        }
      } else if (keyword == "properties") {
        for (const auto& [name, part] : rule.items()) {
          if (value.is_object() && value.contains(name))
            check(part, value[name], path + "/" + name);
        }
      } else if (keyword == "additionalProperties") {
        others(schema, rule, value, path);
      } else if (keyword == "items") {
        if (!value.is_array()) continue;
        for (std::size_t i = 0; i < value.size(); ++i)
          check(rule, value[i], path + "/" + std::to_string(i));
      } else if (keyword == "anyOf") {
        const bool fits = std::ranges::any_of(rule, [&](const json& one) {
          validator alone(root_);
          alone.check(one, value, path);
          return alone.found.empty();
        });
        if (!fits) say(path, "fits none of anyOf");
      } else {
        throw std::invalid_argument("the validator does not know " + keyword);
      }
    }
  }

  std::vector<std::string> found;

 private:
  static bool is(const json& name, const json& value) {
    if (name == "object") return value.is_object();
    if (name == "array") return value.is_array();
    if (name == "string") return value.is_string();
    if (name == "boolean") return value.is_boolean();
    if (name == "null") return value.is_null();
    if (name == "integer") return value.is_number_integer();
    if (name == "number") return value.is_number();
    throw std::invalid_argument("the validator does not know the type " + name.dump());
  }

  void others(const json& schema, const json& rule, const json& value, const std::string& path) {
    if (!value.is_object()) return;
    for (const auto& [name, part] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) continue;
      if (rule.is_boolean() && !rule.get<bool>()) say(path, "may not have " + name);
      if (rule.is_object()) check(rule, part, path + "/" + name);
    }
  }

  void say(const std::string& path, const std::string& what) {
    found.push_back((path.empty() ? "the document" : path) + " " + what);
  }

  const json& root_;
};

}  // namespace

std::vector<std::string> violations(const json& schema, const json& value) {
  validator judge(schema);
  judge.check(schema, value, "");
  return judge.found;
}

json json_file(const std::string& name) {
  const std::string path = std::string(GOBENCH_SOURCE_DIR) + "/" + name;
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + " cannot be read");
  return json::parse(in);
}

}  // namespace gobench::detector::findings::testing
