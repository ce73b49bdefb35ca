#include "detector/offline/engine.hpp"

#include <algorithm>
#include <utility>

namespace gobench::detector::offline {

namespace {

std::vector<engine_entry>& entries() {
  static std::vector<engine_entry> all;
  return all;
}

}  // namespace

engine_registration::engine_registration(engine_entry made) {
  std::vector<engine_entry>& all = entries();
  all.insert(std::ranges::upper_bound(all, made.name, {}, &engine_entry::name), std::move(made));
}

const std::vector<engine_entry>& all_engines() { return entries(); }

const engine_entry* find_engine(const std::string& name) {
  const auto found = std::ranges::find(entries(), name, &engine_entry::name);
  return found == entries().end() ? nullptr : &*found;
}

}  // namespace gobench::detector::offline
