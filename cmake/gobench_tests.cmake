# One binary per folder under tests/, every .cpp of it; one ctest per test case, so that each runs in
# a process of its own and a hang costs its own time limit only.
include(GoogleTest)

# Folders further down with a binary of their own, because they need other libraries.
set(test_folders_apart detector/engine detector/exploration detector/explore detector/findings detector/interpose
  detector/offline)

# For several files at once: names in an anonymous namespace meet those of other files. The build that compiles each file
# alone has these warnings.
add_library(gobench_unity_warnings INTERFACE)
target_compile_options(gobench_unity_warnings INTERFACE
  -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)

# gobench_test_binary(FOLDER LIBRARY...)
function(gobench_test_binary folder)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${folder}/*.cpp")
  foreach(apart IN LISTS test_folders_apart)
    if(NOT apart STREQUAL folder)
      list(FILTER sources EXCLUDE REGEX "/tests/${apart}/")
    endif()
  endforeach()
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" folder "${folder}")
  set(target gobench_${folder}_tests)
  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${ARGN} GTest::gtest GTest::gtest_main gobench_warnings)
  if(GOBENCH_UNITY_TESTS AND folder MATCHES "^(runtime|primitives)$")
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    target_link_libraries(${target} PRIVATE gobench_unity_warnings)
    set_source_files_properties("${PROJECT_SOURCE_DIR}/tests/primitives/chan_mix_test.cpp"
      "${PROJECT_SOURCE_DIR}/tests/primitives/co_task_test.cpp" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  # Listing the tests when ctest starts, not in the build: a binary that fails to start is then a
  # failed test and not a failed build.
  gtest_discover_tests(${target} TEST_PREFIX "${folder}." DISCOVERY_MODE PRE_TEST
    DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120 LABELS ${folder}
    ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1")
endfunction()

gobench_test_binary(runtime gobench nlohmann_json::nlohmann_json)
gobench_test_binary(primitives gobench)
gobench_test_binary(detector gobench_detector_parts nlohmann_json::nlohmann_json)

# Segmented stacks need a program that is compiled for them. Only gold makes frames larger where such code
# calls code that cannot grow.
if(NOT GOBENCH_SANITIZE AND GOBENCH_FLAVOUR STREQUAL "plain")
  include(CheckCXXSourceRuns)
  set(CMAKE_REQUIRED_FLAGS "-fsplit-stack")
  set(CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=gold -fsplit-stack)
  set(CMAKE_REQUIRED_LIBRARIES Threads::Threads)
  check_cxx_source_runs("
    int deep(int n) { volatile char frame[1000] = {}; return n == 0 ? frame[9] : deep(n - 1) + frame[7]; }
    int main() { return deep(100000); }" GOBENCH_HAS_SPLIT_STACK)
  unset(CMAKE_REQUIRED_FLAGS)
  unset(CMAKE_REQUIRED_LINK_OPTIONS)
  unset(CMAKE_REQUIRED_LIBRARIES)
  if(GOBENCH_HAS_SPLIT_STACK)
    gobench_test_binary(segmented gobench)
    target_compile_options(gobench_segmented_tests PRIVATE -fsplit-stack)
    target_link_options(gobench_segmented_tests PRIVATE -fsplit-stack -fuse-ld=gold)
  endif()
endif()
if(GOBENCH_CLI)
  gobench_test_binary(detector/offline gobench_offline ZLIB::ZLIB)
  gobench_test_binary(results gobench_results)
  gobench_test_binary(suites gobench_suites)
  gobench_test_binary(detector/findings gobench_findings)
  gobench_test_binary(detector/exploration gobench_exploration)
  target_compile_definitions(gobench_detector_findings_tests PRIVATE
    "GOBENCH_SOURCE_DIR=\"${PROJECT_SOURCE_DIR}\"")
  gobench_test_binary(cli gobench_commands gobench_suites)
  # What gobench explore sees of a program.
  add_executable(gobench_explored_model tests/tools/explored_model.cpp tests/detector/exploration/model.cpp)
  target_include_directories(gobench_explored_model PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(gobench_explored_model PRIVATE gobench_exploration gobench_warnings)
  if(TARGET gobench_cli_tests)
    target_compile_definitions(gobench_cli_tests PRIVATE
      "GOBENCH_EXPLORED_MODEL_PATH=\"$<TARGET_FILE:gobench_explored_model>\"")
    add_dependencies(gobench_cli_tests gobench_explored_model)
    if(TARGET gobench_cli)
      target_compile_definitions(gobench_cli_tests PRIVATE
        "GOBENCH_CLI_PATH=\"$<TARGET_FILE:gobench_cli>\"")
      add_dependencies(gobench_cli_tests gobench_cli)
    endif()
  endif()
endif()

# Traces for measurements; scripts/make-trace runs it.
add_executable(gobench_make_trace tests/tools/make_trace.cpp tests/detector/offline/trace_maker.cpp)
target_include_directories(gobench_make_trace PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(gobench_make_trace PRIVATE gobench_warnings)

# Small programs under the detector, which a test runs one by one.
gobench_test_binary(detector/interpose gobench_warnings)
if(TARGET gobench_detector_interpose_tests)
  target_sources(gobench_detector_interpose_tests PRIVATE "${PROJECT_SOURCE_DIR}/detector/engine/arena.cpp")
endif()
if(TARGET gobench_check AND TARGET gobench_detector_interpose_tests)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/interposed/*.cpp")
  add_executable(gobench_interposed ${sources})
  target_include_directories(gobench_interposed PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(gobench_interposed PRIVATE -O1)
  target_link_libraries(gobench_interposed PRIVATE gobench::check gobench_warnings)
  target_compile_definitions(gobench_detector_interpose_tests PRIVATE
    "GOBENCH_INTERPOSED_PATH=\"$<TARGET_FILE:gobench_interposed>\"")
  add_dependencies(gobench_detector_interpose_tests gobench_interposed)
endif()

# The same for programs under exploration, whose logs the test reads.
if(TARGET gobench_check)
  gobench_test_binary(detector/explore gobench_warnings)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/explored/*.cpp")
  add_executable(gobench_explored ${sources})
  target_include_directories(gobench_explored PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(gobench_explored PRIVATE -O1)
  target_link_libraries(gobench_explored PRIVATE gobench::check gobench_warnings)
  target_compile_definitions(gobench_detector_explore_tests PRIVATE
    "GOBENCH_EXPLORED_PATH=\"$<TARGET_FILE:gobench_explored>\""
    "GOBENCH_INTERPOSED_PATH=\"$<TARGET_FILE:gobench_interposed>\"")
  add_dependencies(gobench_detector_explore_tests gobench_explored gobench_interposed)
endif()

include(gobench_fuzz)

# The engine, driven in the process of the test.
if(GOBENCH_CHECK_BUILT)
  gobench_test_binary(detector/engine gobench_detector_engine gobench_detector_blocking gobench_detector_clocks)
  target_compile_options(gobench_detector_engine_tests PRIVATE -msse4.2)
endif()
# Small programs that use the library, under the detector.
if(TARGET gobench_check AND TARGET gobench_detector_engine_tests)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/checked/*.cpp")
  add_executable(gobench_checked ${sources})
  target_include_directories(gobench_checked PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(gobench_checked PRIVATE -O1)
  target_link_libraries(gobench_checked PRIVATE gobench::check gobench_warnings)
  target_compile_definitions(gobench_detector_engine_tests PRIVATE
    "GOBENCH_CHECKED_PATH=\"$<TARGET_FILE:gobench_checked>\"")
  if(TARGET gobench_cli)
    target_compile_definitions(gobench_detector_engine_tests PRIVATE
      "GOBENCH_CLI_PATH=\"$<TARGET_FILE:gobench_cli>\"")
    add_dependencies(gobench_detector_engine_tests gobench_cli)
  endif()
  add_dependencies(gobench_detector_engine_tests gobench_checked)

  # An instrumented library, with the detector as a shared object and without; a plain program and a checked one that
  # load it; and one that is mapped at a fixed place.
  set(shared "${PROJECT_SOURCE_DIR}/tests/checked/shared")
  foreach(form IN ITEMS part part_alone)
    add_library(gobench_checked_${form} SHARED "${shared}/part.cpp")
    target_compile_options(gobench_checked_${form} PRIVATE -fsanitize=thread -g -O1)
    target_link_libraries(gobench_checked_${form} PRIVATE Threads::Threads gobench_warnings)
  endforeach()
  target_link_libraries(gobench_checked_part PRIVATE gobench_detector)
  add_executable(gobench_checked_plain_host "${shared}/host.cpp")
  target_link_libraries(gobench_checked_plain_host PRIVATE ${CMAKE_DL_LIBS} gobench_warnings)
  add_executable(gobench_checked_host "${shared}/host.cpp")
  target_link_libraries(gobench_checked_host PRIVATE gobench::check ${CMAKE_DL_LIBS} gobench_warnings)
  target_link_options(gobench_checked_host PRIVATE -rdynamic)
  add_executable(gobench_checked_fixed "${shared}/fixed.cpp")
  set_target_properties(gobench_checked_fixed PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(gobench_checked_fixed PRIVATE -fno-pie)
  target_link_libraries(gobench_checked_fixed PRIVATE gobench::check gobench_warnings)
  target_link_options(gobench_checked_fixed PRIVATE -no-pie)
  foreach(one IN ITEMS part part_alone plain_host host fixed)
    string(TOUPPER "GOBENCH_CHECKED_${one}" name)
    target_compile_definitions(gobench_detector_engine_tests PRIVATE
      "${name}=\"$<TARGET_FILE:gobench_checked_${one}>\"")
    add_dependencies(gobench_detector_engine_tests gobench_checked_${one})
  endforeach()
  target_compile_definitions(gobench_detector_engine_tests PRIVATE
    "GOBENCH_DETECTOR_LIBRARY=\"$<TARGET_FILE:gobench_detector>\"")
endif()

# Random scenarios for as long as wanted; scripts/soak runs it, ctest does not.
add_executable(gobench_soak tests/soak/soak.cpp)
target_include_directories(gobench_soak PRIVATE "${PROJECT_SOURCE_DIR}")
target_link_libraries(gobench_soak PRIVATE gobench gobench_warnings)

# The examples are what the documentation shows; each has to build and to end with 0.
file(GLOB examples CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/*.cpp")
foreach(source IN LISTS examples)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(example_${name} "${source}")
  target_link_libraries(example_${name} PRIVATE gobench::gobench gobench_warnings)
  add_test(NAME examples.${name} COMMAND example_${name})
  set_tests_properties(examples.${name} PROPERTIES TIMEOUT 120 LABELS examples)
endforeach()

# Tests of the scripts: each file is a bash program that ends with 0 when all is well.
file(GLOB script_tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/scripts/*_test")
foreach(script IN LISTS script_tests)
  get_filename_component(name "${script}" NAME)
  add_test(NAME scripts.${name} COMMAND bash "${script}")
  set_tests_properties(scripts.${name} PROPERTIES TIMEOUT 120 LABELS scripts
    SKIP_RETURN_CODE 77)
endforeach()
# These compile and configure programs, which takes its time on a busy machine.
set_tests_properties(scripts.cxx_test scripts.recipes_test PROPERTIES TIMEOUT 600)
set(sanitize_flags)
if(GOBENCH_SANITIZE)
  set(sanitize_flags "-fsanitize=${GOBENCH_SANITIZE}")
endif()
set_tests_properties(scripts.install_test scripts.cxx_test scripts.recipes_test
  scripts.findings_schema_test PROPERTIES ENVIRONMENT
  "GOBENCH_TEST_BINARY_DIR=${PROJECT_BINARY_DIR};GOBENCH_TEST_CXX=${CMAKE_CXX_COMPILER};GOBENCH_TEST_CXX_FLAGS=${sanitize_flags}")
if(TARGET gobench_cli)
  # As with GOBENCH_EXTRA_SUITES.
  gobench_program(gobench_extended "${PROJECT_SOURCE_DIR}/tests/suites/example_suite.cpp")
  set_tests_properties(scripts.plugin_test PROPERTIES ENVIRONMENT
    "GOBENCH_TEST_PROGRAM=$<TARGET_FILE:gobench_cli>;GOBENCH_TEST_EXTENDED=$<TARGET_FILE:gobench_extended>;GOBENCH_TEST_CXX=${CMAKE_CXX_COMPILER};GOBENCH_TEST_CXX_FLAGS=${sanitize_flags}")
endif()
set_tests_properties(scripts.check_flavour_test PROPERTIES TIMEOUT 300 ENVIRONMENT
  "GOBENCH_TEST_BINARY_DIR=${PROJECT_BINARY_DIR};GOBENCH_TEST_CXX=${CMAKE_CXX_COMPILER};GOBENCH_TEST_CHECK_BUILT=$<$<BOOL:${GOBENCH_CHECK_BUILT}>:yes>")

set_tests_properties(scripts.report_page_test PROPERTIES TIMEOUT 300 ENVIRONMENT
  "GOBENCH_TEST_BINARY_DIR=${PROJECT_BINARY_DIR}")

add_subdirectory("${PROJECT_SOURCE_DIR}/tests/instrument" "${PROJECT_BINARY_DIR}/tests/instrument")

add_test(NAME runtime.this_worker_is_called COMMAND bash
  "${PROJECT_SOURCE_DIR}/tests/runtime/this_worker_is_called" "${CMAKE_NM}" $<TARGET_FILE:gobench>)
set_tests_properties(runtime.this_worker_is_called PROPERTIES TIMEOUT 60 LABELS runtime)

include(gobench_corpus)
include(gobench_checked_tests)
