#include <limits>

#include "cli/analyze/report.hpp"

namespace gobench::cli::analyze {

const std::vector<format>& all_formats() {
  // A person reads the first hundred at most; a program wants them all.
  constexpr std::size_t all = std::numeric_limits<std::size_t>::max();
  static const std::vector<format> formats = {
      {"text", 100, write_text}, {"json", all, write_json}, {"csv", all, write_csv}};
  return formats;
}

}  // namespace gobench::cli::analyze
