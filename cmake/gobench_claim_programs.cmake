# The programs that `gobench claims` builds, runs and looks at, as strings in the binary. They are no part of it: some are
# wrong on purpose, and some must not even compile.

file(GLOB claim_programs CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/cli/claims/programs/*.cpp")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${claim_programs})
list(REMOVE_ITEM commands_sources ${claim_programs})
set(claim_entries "")
foreach(source IN LISTS claim_programs)
  get_filename_component(name "${source}" NAME)
  file(READ "${source}" text)
  string(APPEND claim_entries "    {\"${name}\", R\"claim_source(${text})claim_source\"},\n")
endforeach()
list(LENGTH claim_programs claim_count)

set(claim_programs_file "${PROJECT_BINARY_DIR}/generated/claim_programs.cpp")
file(GENERATE OUTPUT "${claim_programs_file}" CONTENT "// Generated from cli/claims/programs/*.cpp.
#include <array>

#include \"cli/claims/trials.hpp\"

namespace gobench::cli::claims {

std::span<const program_source> program_sources() {
  static constexpr std::array<program_source, ${claim_count}> files{{
${claim_entries}  }};
  return files;
}

}  // namespace gobench::cli::claims
")
