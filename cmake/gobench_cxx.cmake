# What `gobench cxx` adds to the user's flags, told by a file beside the program: lib/gobench/check-flags, in the
# build tree and in what is installed. {prefix} is the folder that holds bin/ and lib/.

# Where cmake/gobench_check.cmake has built the library, else where it would be.
if(NOT gobench_check_file)
  set(gobench_check_file "${PROJECT_BINARY_DIR}/lib/libgobench_check.a")
endif()

# gobench_check_flags(FILE LIBRARY INCLUDE...)
function(gobench_check_flags file library)
  set(text "# Written by the build of gobench; read by gobench cxx.\n")
  foreach(folder IN LISTS ARGN)
    string(APPEND text "compile -I${folder}\n")
  endforeach()
  # Instrumented libraries that the program loads find the detector in it.
  string(APPEND text "library ${library}\nlink -Wl,--export-dynamic-symbol=__tsan_*\nlink ${library}\n"
    "link $<TARGET_LINKER_FILE:Boost::context>\nlink -ldw\nlink -lelf\nlink -ldl\nlink -lpthread\n")
  file(GENERATE OUTPUT "${file}" CONTENT "${text}")
endfunction()

gobench_check_flags("${PROJECT_BINARY_DIR}/lib/gobench/check-flags" "${gobench_check_file}"
  "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/primitives/public")
gobench_check_flags("${PROJECT_BINARY_DIR}/generated/check-flags"
  "{prefix}/${CMAKE_INSTALL_LIBDIR}/libgobench_check.a" "{prefix}/include/gobench")
install(FILES "${PROJECT_BINARY_DIR}/generated/check-flags" DESTINATION lib/gobench
  COMPONENT program)

configure_file("${PROJECT_SOURCE_DIR}/scripts/gobench-c++" "${PROJECT_BINARY_DIR}/bin/gobench-c++"
  COPYONLY)
install(PROGRAMS "${PROJECT_SOURCE_DIR}/scripts/gobench-c++" DESTINATION bin COMPONENT program)
