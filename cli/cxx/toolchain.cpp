#include "cli/cxx/toolchain.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "cli/child_process.hpp"
#include "cli/cxx/messages.hpp"
#include "cli/failure.hpp"

namespace gobench::cli::cxx {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

bool is_gobench(const std::vector<std::string>& words) {
  return std::ranges::any_of(words, [](const std::string& word) {
    const std::string name = fs::path(word).filename().string();
    return name == "gobench-c++" || name == "gobench";
  });
}

// By its name, where that says it.
std::optional<compiler_family> family_of_name(const std::string& name) {
  if (name.find("clang") != std::string::npos) return compiler_family::clang;
  if (name.find("g++") != std::string::npos || name.find("gcc") != std::string::npos) {
    return compiler_family::gcc;
  }
  return std::nullopt;
}

compiler_family family_of(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.starts_with("-")) continue;
    if (const auto known = family_of_name(fs::path(word).filename().string())) return *known;
  }
  // c++ is a link to one of them on most systems.
  std::error_code ignored;
  const std::string real = fs::canonical(words.front(), ignored).filename().string();
  if (const auto known = family_of_name(real)) return *known;
  std::vector<std::string> question = words;
  question.emplace_back("--version");
  try {
    const kept_run answer = run_kept(
        {.path = words.front(), .arguments = question, .environment = {}, .directory = {}});
    if (answer.output.find("clang") != std::string::npos) return compiler_family::clang;
  } catch (const std::system_error&) {
    // What is wrong with it shows when it is to compile.
  }
  return compiler_family::gcc;
}

std::string environment_text(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace

compiler find_compiler() {
  std::string origin = "GOBENCH_CXX";
  std::vector<std::string> words = split_words(environment_text("GOBENCH_CXX"));
  if (words.empty() || is_gobench(words)) {
    origin = "CXX";
    words = split_words(environment_text("CXX"));
  }
  if (words.empty() || is_gobench(words)) {
    origin.clear();
    words = {"c++"};
  }
  const auto path = found_on_path(words.front());
  std::error_code ignored;
  if (!path || !fs::exists(*path, ignored)) {
    throw environment_error(messages::no_compiler(words.front(), origin));
  }
  words.front() = *path;
  return {.words = words, .family = family_of(words)};
}

check_library find_library() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return find_library(program);
}

check_library find_library(const fs::path& program) {
  const fs::path prefix = program.parent_path().parent_path();
  check_library made;
  made.told_by = prefix / "lib" / "gobench" / "check-flags";
  std::ifstream in(made.told_by);
  if (!in) throw environment_error(messages::no_check_flags(made.told_by.string()));
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    if (line.empty() || line[0] == '#' || space == std::string::npos) continue;
    const std::string what = line.substr(0, space);
    std::string flag = line.substr(space + 1);
    const std::string mark = "{prefix}";
    for (std::size_t at = 0; (at = flag.find(mark, at)) != std::string::npos;) {
      flag.replace(at, mark.size(), prefix.string());
    }
    if (what == "compile") made.compile.push_back(flag);
    if (what == "link") made.link.push_back(flag);
    std::error_code ignored;
    if (what == "library" && !fs::exists(flag, ignored)) made.missing.push_back(flag);
  }
  return made;
}

std::vector<std::string> compile_flags(const compiler& with, const check_library& library,
                                       bool debug) {
  std::vector<std::string> flags = {"-fsanitize=thread", "-DGOBENCH_FLAVOUR_CHECK"};
  if (!debug) flags.emplace_back("-g");
  switch (with.family) {
    case compiler_family::gcc:
      // It says that its own runtime does not know fences; this one does.
      flags.emplace_back("-Wno-tsan");
      break;
    case compiler_family::clang:
      // Stacks need to find the compilation unit of an address, and clang leaves that table out. Vector
      // accesses of more than 16 bytes get no call of the detector, so none are made.
      flags.emplace_back("-gdwarf-aranges");
      flags.emplace_back("-mprefer-vector-width=128");
      break;
  }
  flags.insert(flags.end(), library.compile.begin(), library.compile.end());
  return flags;
}

std::vector<std::string> link_flags(const check_library& library) {
  if (!library.missing.empty()) {
    throw environment_error(messages::no_check_library(library.missing.front()));
  }
  return library.link;
}

}  // namespace gobench::cli::cxx
