#include "cli/explore/sources.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "detector/findings/finding.hpp"

namespace gobench::cli::explore {

namespace findings = detector::findings;
namespace reporting = detector::reporting;

sources::sources(const std::string& program, std::uint64_t loaded_at)
    : elf_(program), debug_(elf_), loaded_at_(loaded_at) {
  if (!elf_.readable() || elf_.segments().empty()) return;
  linked_at_ = std::ranges::min(elf_.segments(), {}, &reporting::elf_file::segment::start).start;
}

detector::exploration::source_line sources::at(std::uint64_t pc) {
  detector::exploration::source_line made;
  if (!elf_.readable() || pc < loaded_at_ || loaded_at_ < linked_at_) return made;
  const std::uint64_t where = pc - (loaded_at_ - linked_at_) - 1;
  reporting::stack frames;
  if (!elf_.in_code(where) || !debug_.describe(where, frames)) return made;
  findings::stack shown;
  for (const reporting::frame& one : frames) {
    findings::frame each;
    each.file = one.file;
    each.line = one.line;
    shown.push_back(each);
  }
  const findings::frame* telling = findings::telling_frame(shown);
  if (telling == nullptr || telling->file.empty()) return made;
  made.file = std::filesystem::path(telling->file).filename().string();
  made.line = telling->line;
  made.text = line_of(telling->file, telling->line);
  return made;
}

const std::string& sources::line_of(const std::string& file, int number) {
  static const std::string none;
  const auto [found, fresh] = files_.try_emplace(file);
  std::vector<std::string>& lines = found->second;
  if (fresh) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
      const std::size_t first = line.find_first_not_of(" \t");
      const std::size_t last = line.find_last_not_of(" \t\r");
      lines.push_back(first == std::string::npos ? "" : line.substr(first, last - first + 1));
    }
  }
  const auto index = static_cast<std::size_t>(number);
  return number > 0 && index <= lines.size() ? lines[index - 1] : none;
}

}  // namespace gobench::cli::explore
