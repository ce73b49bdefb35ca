// A JSON object with a long list in it, read item by item: {"context": {...}, "samples": [item, item, ...]}.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "results/internal/json.hpp"
#include "results/internal/text_source.hpp"

namespace gobench::results::internal {

struct json_stream {
  std::string list;                                            // the name of the list
  std::function<void(json&& item)> item;                       // each of its items, an object
  std::function<void(const std::string& name, json&&)> other;  // each other member of the object
};

// Hands over members and items as they are complete. Never more than one of them is in memory, and one that is
// larger than 1 MiB or nested deeper than 16 is refused. Throws malformed_file with the line for whatever is not
// such an object, and for what follows it.
void read_json_stream(text_source& from, const json_stream& to);

// Whether a text begins with a JSON object in which the member `name` comes before the end of the text; its own
// members, not those of objects within.
bool has_member(std::string_view head, std::string_view name);

}  // namespace gobench::results::internal
