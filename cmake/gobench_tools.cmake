# ccache when it is there, and the globs: a new file in a folder needs no change to any CMake file.

find_program(GOBENCH_CCACHE ccache)
if(GOBENCH_CCACHE AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GOBENCH_CCACHE}")
endif()

# A library needs at least one source file, also while its folder has headers only.
set(GOBENCH_EMPTY_SOURCE "${PROJECT_BINARY_DIR}/empty.cpp")
file(CONFIGURE OUTPUT "${GOBENCH_EMPTY_SOURCE}" CONTENT "")

# gobench_sources(VARIABLE FOLDER...): every .cpp below the folders.
function(gobench_sources variable)
  set(patterns)
  foreach(folder IN LISTS ARGN)
    list(APPEND patterns "${PROJECT_SOURCE_DIR}/${folder}/*.cpp")
  endforeach()
  file(GLOB_RECURSE found CONFIGURE_DEPENDS ${patterns})
  if(NOT found)
    set(found "${GOBENCH_EMPTY_SOURCE}")
  endif()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()
