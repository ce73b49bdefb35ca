# The program, with suites from outside this tree (docs/writing-a-suite.md): sources that are compiled into it, and
# shared objects that it loads and that find the library in it.

set(GOBENCH_EXTRA_SUITES "" CACHE STRING
  "Sources of further suites that are compiled into the program, separated by semicolons")

# gobench_program(TARGET SOURCE...): the command line with these suites added.
function(gobench_program target)
  set(sources)
  foreach(source IN LISTS ARGN)
    get_filename_component(path "${source}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
    if(NOT EXISTS "${path}")
      message(FATAL_ERROR "There is no source of a suite at ${path}; correct GOBENCH_EXTRA_SUITES.")
    endif()
    list(APPEND sources "${path}")
  endforeach()
  add_executable(${target} "${PROJECT_SOURCE_DIR}/cli/main.cpp" ${sources})
  target_link_libraries(${target} PRIVATE gobench_commands gobench_suites gobench_warnings)
  # All of the library and not only what the program itself needs, and its symbols shown to plugins.
  set_target_properties(${target} PROPERTIES ENABLE_EXPORTS ON
    LINK_LIBRARY_OVERRIDE "WHOLE_ARCHIVE,gobench")
endfunction()

gobench_program(gobench_cli ${GOBENCH_EXTRA_SUITES})
# In a folder of its own: in a build tree made with Ninja, a file and a target share their names.
set_target_properties(gobench_cli PROPERTIES
  OUTPUT_NAME gobench RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
install(TARGETS gobench_cli RUNTIME DESTINATION bin COMPONENT program)

# What a plugin is compiled against, beside the library's own headers.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/suites" "${PROJECT_SOURCE_DIR}/results"
  DESTINATION include/gobench COMPONENT program
  FILES_MATCHING PATTERN "*.hpp" PATTERN "peers" EXCLUDE)
