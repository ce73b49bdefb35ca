#include "detector/findings/finding.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>

namespace gobench::detector::findings {

namespace {

// A member of the wrong type counts as absent: the rest of the finding is still worth telling.
std::string text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <typename Number>
Number number(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return 0;
  if (found->is_number_unsigned() || found->get<double>() >= 0) return found->get<Number>();
  return 0;
}

const json& part(const json& object, const char* name) {
  static const json nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

stack to_stack(const json& list) {
  stack frames;
  if (!list.is_array()) return frames;
  for (const json& one : list) {
    if (!one.is_object()) continue;
    frames.push_back({.function = text(one, "function"),
                      .file = text(one, "file"),
                      .line = number<int>(one, "line"),
                      .column = number<int>(one, "column"),
                      .module = text(one, "module"),
                      .offset = text(one, "offset"),
                      .inlined = part(one, "inlined") == true});
  }
  return frames;
}

held_lock to_lock(const json& lock) {
  return {.name = text(lock, "name"),
          .variable = text(lock, "variable"),
          .address = text(lock, "address"),
          .mode = text(lock, "mode"),
          .taken = to_stack(part(lock, "stack"))};
}

access to_access(const json& one) {
  access made{.op = text(one, "op"),
              .size = number<std::uint64_t>(one, "size"),
              .address = text(one, "address"),
              .task = {},
              .where = to_stack(part(one, "stack")),
              .locks = {}};
  if (const json& task = part(one, "task"); task.is_object()) {
    made.task = {.id = number<std::uint64_t>(task, "id"),
                 .name = text(task, "name"),
                 .kind = text(task, "kind"),
                 .born = to_stack(part(task, "born"))};
  }
  if (const json& locks = part(one, "locks"); locks.is_array()) {
    for (const json& lock : locks) {
      if (lock.is_object()) made.locks.push_back(to_lock(lock));
    }
  }
  return made;
}

json to_json(const held_lock& lock) {
  return {{"name", lock.name},
          {"variable", lock.variable},
          {"address", lock.address},
          {"mode", lock.mode},
          {"stack", to_json(lock.taken)}};
}

json to_json(const access& one) {
  json locks = json::array();
  for (const held_lock& lock : one.locks) locks.push_back(to_json(lock));
  return {{"op", one.op},
          {"size", one.size},
          {"address", one.address},
          {"task",
           {{"id", one.task.id},
            {"name", one.task.name},
            {"kind", one.task.kind},
            {"born", to_json(one.task.born)}}},
          {"stack", to_json(one.where)},
          {"locks", locks}};
}

json to_json(const object_info& one) {
  json made = {{"kind", one.kind},     {"description", one.description},
               {"name", one.name},     {"size", one.size},
               {"offset", one.offset}, {"stack", to_json(one.made)},
               {"task", json(nullptr)}};
  if (one.task) made["task"] = *one.task;
  return made;
}

bool of_the_system(const std::string& file) {
  // glibc's own debug information names its sources by paths like ./nptl/pthread_create.c.
  constexpr std::array<std::string_view, 10> places = {
      "/usr/include/", "/usr/lib/", "/usr/local/include/", "/build/glibc", "./nptl/",
      "./stdlib/",     "./malloc/", "./string/",           "./csu/",       "../sysdeps/"};
  return std::ranges::any_of(places,
                             [&](std::string_view place) { return file.starts_with(place); });
}

}  // namespace

finding to_finding(const json& line) {
  finding made;
  if (line.is_object()) {
    made.kind = text(line, "kind");
    made.fingerprint = text(line, "fingerprint");
  }
  if (made.kind.empty() || made.fingerprint.empty()) {
    throw std::invalid_argument("A finding needs a kind and a fingerprint.");
  }
  made.type = text(line, "type");
  made.message = text(line, "message");
  if (const json& by = part(line, "suppressed_by"); by.is_string()) {
    made.suppressed_by = by.get<std::string>();
  }
  if (const json& accesses = part(line, "accesses"); accesses.is_array()) {
    for (const json& one : accesses) {
      if (one.is_object()) made.accesses.push_back(to_access(one));
    }
  }
  if (const json& object = part(line, "object"); object.is_object()) {
    object_info about{.kind = text(object, "kind"),
                      .description = text(object, "description"),
                      .name = text(object, "name"),
                      .size = number<std::uint64_t>(object, "size"),
                      .offset = number<std::uint64_t>(object, "offset"),
                      .made = to_stack(part(object, "stack")),
                      .task = {}};
    if (part(object, "task").is_number()) about.task = number<std::uint64_t>(object, "task");
    made.object = std::move(about);
  }
  if (const json& lock = part(line, "lock"); lock.is_object()) made.lock = to_lock(lock);
  made.process = number<long>(line, "pid");
  made.advice = text(line, "advice");
  made.time = text(line, "time");
  if (made.message.empty()) {
    const std::string functions = functions_of(made);
    made.message = functions.empty() ? made.kind : made.kind + " in " + functions;
  }
  return made;
}

json to_json(const stack& frames) {
  json list = json::array();
  for (const frame& one : frames) {
    list.push_back({{"function", one.function},
                    {"file", one.file},
                    {"line", one.line},
                    {"column", one.column},
                    {"module", one.module},
                    {"offset", one.offset},
                    {"inlined", one.inlined}});
  }
  return list;
}

json to_json(const finding& one) {
  json accesses = json::array();
  for (const access& each : one.accesses) accesses.push_back(to_json(each));
  return {{"kind", one.kind},
          {"type", one.type},
          {"message", one.message},
          {"fingerprint", one.fingerprint},
          {"accesses", accesses},
          {"object", one.object ? to_json(*one.object) : json(nullptr)},
          {"lock", one.lock ? to_json(*one.lock) : json(nullptr)},
          {"advice", one.advice},
          {"time", one.time},
          {"pid", one.process}};
}

const frame* telling_frame(const stack& frames) {
  if (frames.empty()) return nullptr;
  const auto with_line = [](const frame& one) { return !one.file.empty() && one.line > 0; };
  for (const frame& one : frames) {
    if (with_line(one) && !of_the_system(one.file)) return &one;
  }
  const auto any = std::ranges::find_if(frames, with_line);
  return any == frames.end() ? &frames.front() : &*any;
}

std::string function_of(const frame& one) { return one.function.empty() ? "??" : one.function; }

std::string functions_of(const finding& one) {
  std::vector<std::string> names;
  for (const access& each : one.accesses) {
    const frame* telling = telling_frame(each.where);
    if (telling == nullptr) continue;
    const std::string name = function_of(*telling);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  std::string all;
  for (std::size_t i = 0; i < names.size(); ++i) {
    all += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  }
  return all;
}

}  // namespace gobench::detector::findings
