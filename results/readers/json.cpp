// What the exporter json writes (../json.cpp).
#include <fmt/format.h>

#include <limits>
#include <optional>

#include "results/internal/context_json.hpp"
#include "results/internal/json_stream.hpp"
#include "results/internal/reader.hpp"

namespace gobench::results {

namespace {

using namespace internal;

// One sample, member by member.
class sample_reader {
 public:
  sample_reader(const json& from, intake& to) : from_(from), to_(to) {}

  sample read() {
    sample made;
    made.suite = text("suite");
    made.case_name = text("case");
    made.impl = text("impl");
    const std::string carried = text("vehicle");
    const auto found = vehicle_of(carried);
    if (!found) {
      to_.fail(fmt::format(
          "The vehicle {} is none of process, thread, fiber and coroutine; correct the sample.",
          shown(carried)));
    }
    made.runs_on = *found;
    made.procs = static_cast<int>(count("procs", std::numeric_limits<int>::max()));
    made.tasks = static_cast<int>(count("tasks", std::numeric_limits<int>::max()));
    made.rep = static_cast<int>(count("rep", std::numeric_limits<int>::max()));
    made.iterations = count("iterations", std::numeric_limits<std::uint64_t>::max());
    member("ns_per_op");
    made.ns_per_op = measure("ns_per_op");
    made.cpu_ns_per_op = measure("cpu_ns_per_op");
    made.ops_per_s = measure("ops_per_s");
    made.parameters = named("parameters");
    made.metrics = named("metrics");
    return made;
  }

 private:
  const json& member(const char* name) {
    const auto found = from_.find(name);
    if (found == from_.end()) {
      to_.fail(
          fmt::format("The sample has no {}; it was written by another version of gobench or by "
                      "another program.",
                      name));
    }
    return *found;
  }

  std::string text(const char* name) {
    const json& found = member(name);
    if (!found.is_string()) {
      to_.fail(
          fmt::format("{} is {}, which is no text; correct the sample.", name, shown(dump(found))));
    }
    return found.get<std::string>();
  }

  std::uint64_t count(const char* name, std::uint64_t most) {
    const json& found = member(name);
    if (!found.is_number_unsigned() || found.get<std::uint64_t>() > most) {
      to_.fail(fmt::format("{} is {}, which is not a count; correct the sample.", name,
                           shown(dump(found))));
    }
    return found.get<std::uint64_t>();
  }

  double measure(const char* name) {
    const auto found = from_.find(name);
    if (found == from_.end() || found->is_null()) return not_measured;
    if (!found->is_number()) {
      to_.fail(fmt::format("{} is {}, which is no number; correct the sample.", name,
                           shown(dump(*found))));
    }
    const double number = found->get<double>();
    to_.require_measure(name, number);
    return number;
  }

  fields named(const char* name) {
    fields made;
    const auto found = from_.find(name);
    if (found == from_.end() || found->is_null()) return made;
    if (!found->is_object()) {
      to_.fail(fmt::format("{} is {}, which is no object; correct the sample.", name,
                           shown(dump(*found))));
    }
    for (const auto& [key, content] : found->items()) {
      if (content.is_number_integer() &&
          !(content.is_number_unsigned() &&
            content.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())) {
        made.set(key, value{content.get<std::int64_t>()});
      } else if (content.is_number()) {
        made.set(key, content.get<double>());
      } else if (content.is_string()) {
        made.set(key, content.get<std::string>());
      } else if (content.is_null()) {
        made.set(key, not_measured);
      } else {
        to_.fail(fmt::format("{} is {}, which is neither a number nor a text; correct the sample.",
                             shown(key), shown(dump(content))));
      }
    }
    return made;
  }

  const json& from_;
  intake& to_;
};

const reader_registration registered{
    {"json", [](std::string_view head) { return has_member(head, "samples"); },
     [](text_source& from, intake& to, const std::optional<std::filesystem::path>&) {
       read_json_stream(from, {.list = "samples",
                               .item = [&](json&& one) { to.add(sample_reader(one, to).read()); },
                               .other =
                                   [&](const std::string& name, json&& content) {
                                     if (name == "context") to.content.about = context_of(content);
                                   }});
     }}};

}  // namespace

}  // namespace gobench::results
