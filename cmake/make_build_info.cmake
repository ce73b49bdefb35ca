# Run at build time by the rule in gobench_build_info.cmake: fills in build_info.cpp.in.

# Empty outside a clone, or where the clone around the sources is another project's.
set(GIT_COMMIT "")
function(ask_git variable)
  execute_process(COMMAND "${GIT}" -c "safe.directory=*" ${ARGN} WORKING_DIRECTORY "${SOURCE_DIR}"
    OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  set(${variable} "${answer}" PARENT_SCOPE)
endfunction()

if(GIT)
  ask_git(prefix rev-parse --show-prefix)
  ask_git(commit rev-parse --verify --short=12 HEAD)
  if(commit AND prefix STREQUAL "")
    set(GIT_COMMIT "${commit}")
    ask_git(changes status --porcelain -- CMakeLists.txt runtime primitives results suites cli)
    if(changes)
      string(APPEND GIT_COMMIT "-dirty")
    endif()
  endif()
endif()

foreach(name IN ITEMS VERSION GIT_COMMIT COMPILER FLAGS BUILD_TYPE)
  string(REPLACE "\\" "\\\\" ${name} "${${name}}")
  string(REPLACE "\"" "\\\"" ${name} "${${name}}")
endforeach()
configure_file("${SOURCE_DIR}/cmake/build_info.cpp.in" "${OUTPUT}" @ONLY)
# configure_file keeps the time of an unchanged file; the rule's output must look newer all the same.
file(TOUCH "${OUTPUT}")
