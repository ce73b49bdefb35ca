# Version, commit, compiler and flags for results: one small source file, made again when a commit
# is made or a source changes, so that only it is compiled again and not the tree.

set(git_dependencies)
find_package(Git QUIET)
if(GIT_FOUND)
  # logs/HEAD changes with every commit, checkout and pull. git knows where it is in a worktree.
  foreach(name IN ITEMS HEAD logs/HEAD)
    execute_process(COMMAND "${GIT_EXECUTABLE}" -c "safe.directory=*" rev-parse --git-path ${name}
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}" OUTPUT_VARIABLE path
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    get_filename_component(path "${path}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
    if(EXISTS "${path}" AND NOT IS_DIRECTORY "${path}")
      list(APPEND git_dependencies "${path}")
    endif()
  endforeach()
endif()

string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type_upper)
set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type_upper}}")
if(GOBENCH_SANITIZE)
  string(APPEND flags " -fsanitize=${GOBENCH_SANITIZE}")
endif()
string(STRIP "${flags}" flags)

gobench_sources(info_triggers runtime primitives results detector/findings suites cli)
file(GLOB_RECURSE info_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/runtime/*.hpp"
  "${PROJECT_SOURCE_DIR}/primitives/*.hpp" "${PROJECT_SOURCE_DIR}/results/*.hpp"
  "${PROJECT_SOURCE_DIR}/detector/findings/*.hpp" "${PROJECT_SOURCE_DIR}/suites/*.hpp" "${PROJECT_SOURCE_DIR}/cli/*.hpp")

set(build_info_source "${PROJECT_BINARY_DIR}/generated/build_info.cpp")
add_custom_command(OUTPUT "${build_info_source}"
  COMMAND "${CMAKE_COMMAND}"
    "-DGIT=${GIT_EXECUTABLE}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${build_info_source}"
    "-DVERSION=${PROJECT_VERSION}"
    "-DCOMPILER=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}"
    "-DFLAGS=${flags}" "-DBUILD_TYPE=${CMAKE_BUILD_TYPE}"
    -P "${PROJECT_SOURCE_DIR}/cmake/make_build_info.cmake"
  DEPENDS ${git_dependencies} ${info_triggers} ${info_headers}
    "${PROJECT_SOURCE_DIR}/cmake/make_build_info.cmake"
    "${PROJECT_SOURCE_DIR}/cmake/build_info.cpp.in"
  COMMENT "Recording version, commit and flags" VERBATIM)

add_library(gobench_build_info STATIC "${build_info_source}")
target_include_directories(gobench_build_info PUBLIC "${PROJECT_SOURCE_DIR}")
target_link_libraries(gobench_build_info PRIVATE gobench_warnings)
