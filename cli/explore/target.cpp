#include "cli/explore/target.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <sys/personality.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cli/race/options.hpp"

namespace gobench::cli::explore {

namespace {

namespace exploration = detector::exploration;

// Of both variables together. Longer ones are left as they are: then only their own length matters.
constexpr std::size_t padded_size = 3000;

std::string build_id(const std::string& file) {
  Elf64_Ehdr header{};
  if (file.size() < sizeof header || !file.starts_with(ELFMAG)) return {};
  std::memcpy(&header, file.data(), sizeof header);
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment{};
    const std::uint64_t at = header.e_phoff + i * header.e_phentsize;
    if (at > file.size() || file.size() - at < sizeof segment) return {};
    std::memcpy(&segment, file.data() + at, sizeof segment);
    if (segment.p_type != PT_NOTE || segment.p_offset > file.size() ||
        file.size() - segment.p_offset < segment.p_filesz) {
      continue;
    }
    std::string_view notes = std::string_view(file).substr(segment.p_offset, segment.p_filesz);
    Elf64_Nhdr note{};
    while (notes.size() >= sizeof note) {
      std::memcpy(&note, notes.data(), sizeof note);
      const std::uint64_t name = (std::uint64_t{note.n_namesz} + 3) & ~std::uint64_t{3};
      const std::uint64_t content = (std::uint64_t{note.n_descsz} + 3) & ~std::uint64_t{3};
      if (notes.size() - sizeof note < name + content) break;
      if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz >= 4) {
        return std::string(notes.substr(sizeof note + name, note.n_descsz));
      }
      notes.remove_prefix(sizeof note + name + content);
    }
  }
  return {};
}

std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::trunc);
  out << text;
  out.close();
  if (!out) throw std::system_error(errno, std::generic_category(), file.string());
}

}  // namespace

void fix_addresses() {
  const int now = ::personality(0xffffffff);
  if (now >= 0) ::personality(static_cast<unsigned long>(now) | ADDR_NO_RANDOMIZE);
}

std::string build_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  const std::string id = build_id(file);
  return fmt::format("{:08x}", hash_of(id.empty() ? file : id));
}

target::target(std::string path, std::vector<std::string> command,
               std::map<std::string, std::string> detector,
               std::map<std::string, std::string> controller)
    : path_(std::move(path)),
      command_(std::move(command)),
      detector_(std::move(detector)),
      controller_(std::move(controller)),
      build_(build_of(path_)) {}

std::map<std::string, std::string> target::variables(const exploration::plan& what,
                                                     const run_files& files) const {
  std::map<std::string, std::string> checks = detector_;
  checks["findings"] = files.findings.string();
  std::map<std::string, std::string> decides = controller_;
  decides["strategy"] = what.strategy;
  decides["seed"] = std::to_string(what.seed);
  decides["schedule"] = std::to_string(what.schedule);
  decides["log"] = files.log.string();
  if (what.length != 0) decides["length"] = std::to_string(what.length);
  if (what.steps != 0) decides["steps"] = std::to_string(what.steps);
  if (what.spurious) decides["spurious"] = "1";
  if (!what.accesses.empty()) decides["accesses"] = what.accesses;
  if (!what.hot.empty()) decides["hot"] = files.hot.string();
  if (what.strategy == "follow") decides["follow"] = files.follow.string();
  std::map<std::string, std::string> made;
  made["GOBENCH_RACE"] = race::format_options(checks);
  std::string& text = made["GOBENCH_EXPLORE"];
  text = race::format_options(decides) + ":pad=";
  const std::size_t size = text.size() + made["GOBENCH_RACE"].size();
  text.append(padded_size - std::min(padded_size, size), 'x');
  if (text.ends_with('=')) text += 'x';
  return made;
}

void write_plan(const exploration::plan& what, const std::vector<std::uint32_t>& asleep,
                const run_files& files) {
  if (what.strategy == "follow") {
    write_file(files.follow, exploration::follow_text(what.deviations, asleep));
  }
  if (!what.hot.empty()) {
    std::string text;
    for (const std::uint64_t one : what.hot) text += fmt::format("{:x}\n", one);
    write_file(files.hot, text);
  }
}

}  // namespace gobench::cli::explore
