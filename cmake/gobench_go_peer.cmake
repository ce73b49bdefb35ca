# The sources of the Go peer as strings in the binary, which can then build them wherever it runs.

file(GLOB go_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/suites/peers/go/*.go")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${go_sources})
set(go_entries "")
foreach(source IN LISTS go_sources)
  get_filename_component(name "${source}" NAME)
  file(READ "${source}" text)
  string(APPEND go_entries "    {\"${name}\", R\"go_source(${text})go_source\"},\n")
endforeach()
list(LENGTH go_sources go_count)

set(go_sources_file "${PROJECT_BINARY_DIR}/generated/go_sources.cpp")
file(GENERATE OUTPUT "${go_sources_file}" CONTENT "// Generated from suites/peers/go/*.go.
#include <array>

#include \"suites/peers/go_program.hpp\"

namespace gobench::suites::peers {

std::span<const source_file> go_sources() {
  static constexpr std::array<source_file, ${go_count}> files{{
${go_entries}  }};
  return files;
}

}  // namespace gobench::suites::peers
")
