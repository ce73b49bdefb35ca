# Fuzz targets of the readers: tests/fuzz/NAME_fuzz.cpp, with its seeds in tests/fuzz/corpus/NAME. With GOBENCH_FUZZ (clang;
# scripts/fuzz builds so) libFuzzer drives it; without, a program that runs the seeds, which is the test fuzz.NAME.

# gobench_fuzz_target(NAME LIBRARY...)
function(gobench_fuzz_target name)
  add_executable(gobench_fuzz_${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp")
  target_include_directories(gobench_fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(gobench_fuzz_${name} PRIVATE ${ARGN} gobench_warnings)
  if(GOBENCH_FUZZ)
    target_link_options(gobench_fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(gobench_fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay.cpp")
    add_test(NAME fuzz.${name}
      COMMAND gobench_fuzz_${name} "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
    set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 120 LABELS fuzz)
  endif()
endfunction()

if(GOBENCH_CLI)
  foreach(format csv json gbench benchfmt)
    gobench_fuzz_target(read_${format} gobench_results)
  endforeach()
endif()
