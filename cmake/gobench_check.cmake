# The two flavours of the library that feed a race detector, beside the plain one and in the same build:
#
#   gobench::check   gobench's own detector. The program is compiled with -fsanitize=thread and linked without: the
#                    archive defines what the instrumentation calls.
#                      target_link_libraries(app gobench::check)
#   gobench::tsan    the compiler's ThreadSanitizer, compiled and linked with -fsanitize=thread.
#   libgobench_detector.so    the detector alone, for instrumented libraries that a program loads, and LD_PRELOAD.
#
# Both flavours of the library, and the detector, are compiled without instrumentation: their state is invisible to
# the detector. That has a catch. A program instantiates templates and inline functions of the standard library (and
# of our headers) that the library instantiates too, and the linker keeps one of each: then the library would run
# instrumented code, which calls the detector from within the detector, or the program would run plain code, in which
# races are not seen. So all objects of a part are joined into one (ld -r), in which such functions are made local
# (cmake/join_objects.cmake). What has to be one in the whole program stays global: type information, by
# which exceptions are caught, and variables of inline functions.
option(GOBENCH_CHECK "Build the flavours that find races: gobench::check, gobench::tsan and the detector" ${PROJECT_IS_TOP_LEVEL})
if(NOT GOBENCH_CHECK OR GOBENCH_SANITIZE OR NOT GOBENCH_FLAVOUR STREQUAL "plain")
  set(GOBENCH_CHECK_BUILT FALSE)
  return()
endif()
if(NOT CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" OR NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
  message(STATUS "gobench: no gobench::check here; the detector needs Linux on x86-64.")
  set(GOBENCH_CHECK_BUILT FALSE)
  return()
endif()
gobench_need(Elfutils)
set(GOBENCH_CHECK_BUILT TRUE)

set(uninstrumented_options -fno-sanitize=all -fno-lto -fPIC -ftls-model=initial-exec -g1
  # Variables of inline functions as weak symbols: out of its group, a unique one would be there twice.
  $<$<CXX_COMPILER_ID:GNU>:-fno-gnu-unique>)

# ---- the detector's parts

set(detector_objects)
set(shared_objects)
foreach(part IN ITEMS blocking clocks engine explore interpose report seam)
  if(NOT TARGET gobench_detector_${part})
    gobench_sources(part_sources detector/${part})
    if(part STREQUAL "engine")  # it writes recordings
      list(APPEND part_sources "${PROJECT_SOURCE_DIR}/detector/offline/recording/writer.cpp")
    endif()
    if(NOT part_sources)
      continue()
    endif()
    add_library(gobench_detector_${part} STATIC ${part_sources})
    target_include_directories(gobench_detector_${part} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_compile_options(gobench_detector_${part} PRIVATE -msse4.2 -fvisibility=hidden)
    target_link_libraries(gobench_detector_${part} PRIVATE gobench_warnings)
  endif()
  target_compile_definitions(gobench_detector_${part} PRIVATE GOBENCH_FLAVOUR_CHECK)
  target_compile_options(gobench_detector_${part} PRIVATE ${uninstrumented_options})
  list(APPEND detector_objects "$<TARGET_OBJECTS:gobench_detector_${part}>")
  # The entry of .preinit_array is for executables only.
  list(APPEND shared_objects "$<FILTER:$<TARGET_OBJECTS:gobench_detector_${part}>,EXCLUDE,preinit>")
endforeach()

# ---- joining

# gobench_joined(FILE OBJECTS...): FILE is one object made of all of them.
function(gobench_joined file)
  add_custom_command(OUTPUT "${file}"
    COMMAND "${CMAKE_COMMAND}" "-DLD=${CMAKE_LINKER}" "-DNM=${CMAKE_NM}" "-DOBJCOPY=${CMAKE_OBJCOPY}"
      "-DINTO=${file}" "-DOBJECTS=$<JOIN:${ARGN},|>"
      -P "${PROJECT_SOURCE_DIR}/cmake/join_objects.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/join_objects.cmake"
    COMMENT "Joining ${file}" VERBATIM COMMAND_EXPAND_LISTS)
endfunction()

# gobench_archive(NAME OBJECT...): lib/NAME.a of joined objects, by the target NAME_archive.
function(gobench_archive name)
  set(archive "${PROJECT_BINARY_DIR}/lib/lib${name}.a")
  add_custom_command(OUTPUT "${archive}"
    COMMAND "${CMAKE_COMMAND}" -E rm -f "${archive}"
    COMMAND "${CMAKE_AR}" rcs "${archive}" ${ARGN}
    DEPENDS ${ARGN} COMMENT "Archiving ${archive}" VERBATIM)
  add_custom_target(${name}_archive ALL DEPENDS "${archive}")
  set(${name}_file "${archive}" PARENT_SCOPE)
endfunction()
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/lib" "${PROJECT_BINARY_DIR}/joined")

# ---- the library in both flavours

# gobench_flavour(NAME DEFINITION SOURCE...): objects of the library with the hooks of that flavour.
function(gobench_flavour name definition)
  add_library(gobench_${name}_objects OBJECT ${library_sources} ${ARGN})
  target_compile_features(gobench_${name}_objects PUBLIC cxx_std_20)
  target_include_directories(gobench_${name}_objects PRIVATE
    "${PROJECT_SOURCE_DIR}" "${PROJECT_SOURCE_DIR}/primitives/public")
  target_compile_definitions(gobench_${name}_objects PRIVATE ${definition} GOBENCH_BUILDS_LIBRARY)
  target_compile_options(gobench_${name}_objects PRIVATE ${uninstrumented_options})
  target_link_libraries(gobench_${name}_objects PRIVATE Threads::Threads Boost::context gobench_warnings)

  add_library(gobench_${name} INTERFACE)
  add_library(gobench::${name} ALIAS gobench_${name})
  set_target_properties(gobench_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(gobench_${name} INTERFACE cxx_std_20)
  target_include_directories(gobench_${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/primitives/public>
    $<INSTALL_INTERFACE:include/gobench>)
  target_compile_definitions(gobench_${name} INTERFACE ${definition})
  target_compile_options(gobench_${name} INTERFACE -fsanitize=thread -g
    # clang instruments after it has vectorised, and then nothing that is wider than 16 bytes.
    "$<$<COMPILE_LANG_AND_ID:CXX,Clang>:-gdwarf-aranges;-mprefer-vector-width=128>"
    "$<$<COMPILE_LANG_AND_ID:C,Clang>:-gdwarf-aranges;-mprefer-vector-width=128>")
endfunction()

gobench_flavour(check GOBENCH_FLAVOUR_CHECK)
gobench_flavour(tsan GOBENCH_FLAVOUR_TSAN "${PROJECT_SOURCE_DIR}/detector/tsan/seam.cpp")

set(joined "${PROJECT_BINARY_DIR}/joined")
gobench_joined("${joined}/check_library.o" $<TARGET_OBJECTS:gobench_check_objects>)
gobench_joined("${joined}/tsan_library.o" $<TARGET_OBJECTS:gobench_tsan_objects>)
gobench_joined("${joined}/detector.o" ${detector_objects})
gobench_joined("${joined}/detector_for_sharing.o" ${shared_objects})
gobench_archive(gobench_check "${joined}/check_library.o" "${joined}/detector.o")
gobench_archive(gobench_tsan "${joined}/tsan_library.o")

# Private to the archives: what they need is linked with them, and adds nothing to how users are compiled.
target_link_libraries(gobench_check INTERFACE
  "$<BUILD_INTERFACE:${gobench_check_file}>" "$<INSTALL_INTERFACE:$<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/libgobench_check.a>"
  $<LINK_ONLY:Boost::context> Threads::Threads dw elf dl)
target_link_libraries(gobench_tsan INTERFACE
  "$<BUILD_INTERFACE:${gobench_tsan_file}>" "$<INSTALL_INTERFACE:$<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/libgobench_tsan.a>"
  $<LINK_ONLY:Boost::context> Threads::Threads)
target_link_options(gobench_tsan INTERFACE -fsanitize=thread)
add_dependencies(gobench_check gobench_check_archive)
add_dependencies(gobench_tsan gobench_tsan_archive)

# ---- the detector as a shared object

add_library(gobench_detector SHARED "${joined}/detector_for_sharing.o" "${GOBENCH_EMPTY_SOURCE}")
set_target_properties(gobench_detector PROPERTIES LINKER_LANGUAGE CXX
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set_source_files_properties("${joined}/detector_for_sharing.o" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
target_link_libraries(gobench_detector PRIVATE Threads::Threads dw elf dl)
