// What a compiler was asked to do, as far as `gobench cxx` has to know.
//
// The grammar is that of gcc's and clang's drivers: options whose value may follow as a word of its own are
// in one table; every other word that begins with - is an option by itself; the rest are inputs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace gobench::cli::cxx {

// nothing: no input, such as --version: the compiler is asked about itself.
// compile: up to objects, assembly or preprocessed text; link: objects only.
enum class work { nothing, compile, link, compile_and_link };

enum class role {
  option,          // for both steps
  compile_option,  // of no use when linking
  link_option,     // of no use when compiling
  language,        // -x
  output,          // -o
  source,          // an input to compile
  object           // any other input
};

// One or two words of the command line that belong together.
struct item {
  role what = role::option;
  std::vector<std::string> words;
  std::string language;  // of a source, when -x has named it
};

struct arguments {
  std::vector<item> items;
  work to_do = work::nothing;
  std::string output;            // empty: not given
  bool shared = false;           // -shared
  bool partial = false;          // -r
  bool statically = false;       // -static, -static-pie
  bool debug = false;            // some -g
  bool dependencies = false;     // -MD, -MMD
  bool dependency_file = false;  // -MF
  bool asked = false;            // -###, --version and the like
  bool response_files = false;
};

// `words` without the compiler's name. Response files (@file) are opened; one that cannot be read stays a
// word, as it does for the compiler.
arguments understand(const std::vector<std::string>& words);

// The words of a response file: white space separates, quotes and backslashes keep it together.
std::vector<std::string> words_of(std::string_view text);

// The reverse: one word as a response file has it.
std::string as_response(const std::string& word);

}  // namespace gobench::cli::cxx
