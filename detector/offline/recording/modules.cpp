#include "detector/offline/recording/modules.hpp"

#include <fmt/format.h>

#include <utility>

namespace gobench::detector::offline {

void module_map::add(module_info made) {
  auto at = by_base_.upper_bound(made.base);
  if (at != by_base_.begin()) {
    const auto before = std::prev(at);
    if (made.base - before->first < before->second.size) at = before;
  }
  while (at != by_base_.end() && (at->first < made.base || at->first - made.base < made.size)) {
    at = by_base_.erase(at);
  }
  const std::uint64_t base = made.base;
  by_base_.insert_or_assign(base, std::move(made));
}

std::string module_map::text(std::uint64_t pc, const symboliser& ask) const {
  if (pc == 0) return {};
  auto at = by_base_.upper_bound(pc);
  if (at == by_base_.begin()) return fmt::format("{:#x}", pc);
  const module_info& found = (--at)->second;
  const std::uint64_t offset = pc - found.base;
  if (offset >= found.size) return fmt::format("{:#x}", pc);
  std::string told = ask ? ask(found, offset) : std::string();
  return told.empty() ? fmt::format("{}+{:#x}", found.path, offset) : told;
}

}  // namespace gobench::detector::offline
