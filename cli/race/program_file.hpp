// What the file is that somebody wants checked.
#pragma once

#include <string>

namespace gobench::cli::race {

enum class program_kind {
  checked,           // gobench's detector is in it or in a library it names
  script,            // no ELF file: what it starts may be checked
  plain,             // not instrumented
  foreign_detector,  // instrumented, with the compiler's own ThreadSanitizer
  both_detectors,    // gobench's and the compiler's
  statically_linked,
  other_machine  // of another kind of processor
};

// Throws environment_error when the program does not exist, is a folder or may not be executed. Returns the
// path to execute.
std::string find_program(const std::string& typed);

// Looks into the file. A file that cannot be read counts as checked: the run will tell.
program_kind look_at(const std::string& path);

}  // namespace gobench::cli::race
