#include "cli/cxx/arguments.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace gobench::cli::cxx {

namespace {

struct valued_option {
  std::string_view name;
  role what;
};

// Options whose value is the next word when nothing follows the name in the same one.
constexpr std::array valued = {
    valued_option{"-o", role::output},
    valued_option{"-x", role::language},
    valued_option{"-D", role::compile_option},
    valued_option{"-U", role::compile_option},
    valued_option{"-I", role::compile_option},
    valued_option{"-F", role::option},
    valued_option{"-include", role::compile_option},
    valued_option{"-include-pch", role::compile_option},
    valued_option{"-imacros", role::compile_option},
    valued_option{"-isystem", role::compile_option},
    valued_option{"-iquote", role::compile_option},
    valued_option{"-idirafter", role::compile_option},
    valued_option{"-iprefix", role::compile_option},
    valued_option{"-iwithprefix", role::compile_option},
    valued_option{"-iwithprefixbefore", role::compile_option},
    valued_option{"-isysroot", role::option},
    valued_option{"-imultilib", role::option},
    valued_option{"-MF", role::compile_option},
    valued_option{"-MT", role::compile_option},
    valued_option{"-MQ", role::compile_option},
    valued_option{"-Xpreprocessor", role::compile_option},
    valued_option{"-Xassembler", role::compile_option},
    valued_option{"-Xclang", role::compile_option},
    valued_option{"-mllvm", role::compile_option},
    valued_option{"-Xlinker", role::link_option},
    valued_option{"-L", role::link_option},
    valued_option{"-l", role::link_option},
    valued_option{"-T", role::link_option},
    valued_option{"-u", role::link_option},
    valued_option{"-z", role::link_option},
    valued_option{"-e", role::link_option},
    valued_option{"-h", role::link_option},
    valued_option{"-rpath", role::link_option},
    valued_option{"-framework", role::link_option},
    valued_option{"-B", role::option},
    valued_option{"-A", role::compile_option},
    valued_option{"-G", role::option},
    valued_option{"-aux-info", role::compile_option},
    valued_option{"-dumpbase", role::compile_option},
    valued_option{"-dumpbase-ext", role::compile_option},
    valued_option{"-dumpdir", role::compile_option},
    valued_option{"-wrapper", role::option},
    valued_option{"-target", role::option},
    valued_option{"--target", role::option},
    valued_option{"-arch", role::option},
    valued_option{"--param", role::option},
    valued_option{"--sysroot", role::option},
    valued_option{"-gcc-toolchain", role::option},
    valued_option{"--serialize-diagnostics", role::compile_option},
    valued_option{"-working-directory", role::option},
};

// Those that may also carry their value in the same word: -Idir, -lm, -ofile.
bool joins(std::string_view name) {
  constexpr std::array<std::string_view, 15> names = {"-o", "-x",  "-D",  "-U",  "-I",
                                                      "-F", "-L",  "-l",  "-T",  "-B",
                                                      "-u", "-MF", "-MT", "-MQ", "-isystem"};
  return std::ranges::find(names, name) != names.end();
}

const valued_option* valued_option_of(std::string_view word, bool& value_follows) {
  const valued_option* best = nullptr;
  for (const valued_option& one : valued) {
    if (word == one.name) {
      value_follows = true;
      return &one;
    }
    if (joins(one.name) && word.starts_with(one.name) &&
        (best == nullptr || one.name.size() > best->name.size())) {
      best = &one;
    }
  }
  value_follows = false;
  // Words like -Ttext and -U are what they look like; -include... and -isystem... are caught by length.
  return best;
}

bool is_debug_option(const std::string& word) {
  static const std::regex known("-g([0-3]|gdb[0-3]?|dwarf(-[2-5])?|full|line-tables-only|mlt)?");
  return std::regex_match(word, known);
}

bool for_linking_only(std::string_view word) {
  constexpr std::array<std::string_view, 20> names = {
      "-shared",   "-static",   "-static-pie",    "-static-libgcc",  "-static-libstdc++",
      "-rdynamic", "-pie",      "-no-pie",        "-nopie",          "-s",
      "-r",        "-nostdlib", "-nostdlib++",    "-nodefaultlibs",  "-nostartfiles",
      "-nolibc",   "-symbolic", "-shared-libgcc", "-export-dynamic", "-static-libtsan"};
  return std::ranges::find(names, word) != names.end() || word.starts_with("-Wl,") ||
         word.starts_with("-fuse-ld=") || word.starts_with("--ld-path=");
}

bool for_compiling_only(std::string_view word) {
  constexpr std::array<std::string_view, 9> names = {
      "-MD", "-MMD", "-MP", "-MG", "-MM", "-M", "-nostdinc", "-nostdinc++", "-CC"};
  return std::ranges::find(names, word) != names.end() || word.starts_with("-Wp,") ||
         word.starts_with("-Wa,");
}

enum class file_kind { source, header, assembly, object };

file_kind kind_of(const std::string& file) {
  const std::string ending = std::filesystem::path(file).extension().string();
  constexpr std::array<std::string_view, 13> sources = {".c",    ".cc",  ".cp", ".cxx", ".cpp",
                                                        ".CPP",  ".c++", ".C",  ".i",   ".ii",
                                                        ".cppm", ".ixx", ".mii"};
  constexpr std::array<std::string_view, 8> headers = {".h",   ".hh",  ".H",   ".hp",
                                                       ".hxx", ".hpp", ".HPP", ".h++"};
  constexpr std::array<std::string_view, 4> assembly = {".s", ".S", ".sx", ".asm"};
  if (file == "-" || std::ranges::find(sources, ending) != sources.end()) return file_kind::source;
  if (std::ranges::find(headers, ending) != headers.end()) return file_kind::header;
  if (std::ranges::find(assembly, ending) != assembly.end()) return file_kind::assembly;
  return file_kind::object;
}

std::vector<std::string> opened(const std::vector<std::string>& words, bool& any, int depth) {
  std::vector<std::string> all;
  for (const std::string& word : words) {
    std::error_code ignored;
    if (word.size() > 1 && word[0] == '@' && depth < 20 &&
        std::filesystem::is_regular_file(word.substr(1), ignored)) {
      std::ifstream in(word.substr(1), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      any = true;
      for (std::string& one : opened(words_of(text), any, depth + 1)) all.push_back(std::move(one));
    } else {
      all.push_back(word);
    }
  }
  return all;
}

bool about_the_compiler(std::string_view word) {
  return word == "-###" || word == "--version" || word == "-dumpversion" ||
         word == "-dumpmachine" || word == "-dumpfullversion" || word == "-dumpspecs" ||
         word == "--help" || word.starts_with("--help=") || word.starts_with("-print-") ||
         word.starts_with("--print-");
}

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      inside = true;
    } else if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      inside = true;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      if (inside) words.push_back(word);
      word.clear();
      inside = false;
    } else {
      word += c;
      inside = true;
    }
  }
  if (inside) words.push_back(word);
  return words;
}

std::string as_response(const std::string& word) {
  std::string made;
  for (const char c : word) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '\\' || c == '"' || c == '\'') {
      made += '\\';
    }
    made += c;
  }
  return made.empty() ? "\"\"" : made;
}

arguments understand(const std::vector<std::string>& typed) {
  arguments made;
  const std::vector<std::string> words = opened(typed, made.response_files, 0);
  bool stops_before_link = false;
  bool only_inputs = false;  // after --
  std::string language;
  bool sources = false;
  bool objects = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (only_inputs || word == "-" || !word.starts_with("-")) {
      const file_kind kind = kind_of(word);
      item one{.what = role::object, .words = {word}, .language = language};
      if (!language.empty() || kind != file_kind::object) {
        one.what = role::source;
        sources = true;
        // A header makes a precompiled one.
        const bool header = language.empty() ? kind == file_kind::header
                                             : language.find("header") != std::string::npos;
        if (header) stops_before_link = true;
      } else {
        objects = true;
      }
      made.items.push_back(std::move(one));
      continue;
    }
    if (word == "--") {
      only_inputs = true;
      continue;
    }
    bool value_follows = false;
    if (const valued_option* option = valued_option_of(word, value_follows);
        option != nullptr && !for_linking_only(word)) {
      item one{.what = option->what, .words = {word}, .language = {}};
      if (value_follows && i + 1 < words.size()) one.words.push_back(words[++i]);
      const std::string value =
          one.words.size() == 2 ? one.words[1] : word.substr(option->name.size());
      if (option->what == role::output) made.output = value;
      if (option->what == role::language) language = value == "none" ? "" : value;
      // -l names an input.
      if (option->name == "-l") objects = true;
      if (option->name == "-MF") made.dependency_file = true;
      made.items.push_back(std::move(one));
      continue;
    }
    if (word == "-c" || word == "-S" || word == "-E" || word == "-M" || word == "-MM" ||
        word == "-fsyntax-only" || word == "--precompile" || word == "-emit-ast") {
      stops_before_link = true;
    }
    made.shared = made.shared || word == "-shared";
    made.partial = made.partial || word == "-r";
    made.statically = made.statically || word == "-static" || word == "-static-pie";
    made.debug = made.debug || is_debug_option(word);
    made.dependencies = made.dependencies || word == "-MD" || word == "-MMD";
    made.asked = made.asked || about_the_compiler(word);
    const role what = for_linking_only(word)     ? role::link_option
                      : for_compiling_only(word) ? role::compile_option
                                                 : role::option;
    made.items.push_back({.what = what, .words = {word}, .language = {}});
  }
  if (made.asked && !sources) {
    made.to_do = work::nothing;
  } else if (stops_before_link) {
    made.to_do = sources ? work::compile : work::nothing;
  } else if (sources) {
    made.to_do = work::compile_and_link;
  } else {
    made.to_do = objects && (std::ranges::any_of(made.items,
                                                 [](const item& one) {
                                                   return one.what == role::object ||
                                                          one.words.front().starts_with("-l");
                                                 }))
                     ? work::link
                     : work::nothing;
  }
  return made;
}

}  // namespace gobench::cli::cxx
