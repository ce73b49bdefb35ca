# The race detector's parts. They go into checked programs, so they are compiled as what lies below everything
# else there: never instrumented, one access of a thread-local variable without a call, no constructors needed.
add_library(gobench_detector_parts INTERFACE)
target_include_directories(gobench_detector_parts INTERFACE "${PROJECT_SOURCE_DIR}")

# gobench_detector_part(NAME): a static library gobench_detector_NAME of detector/NAME/*.cpp
function(gobench_detector_part name)
  gobench_sources(sources detector/${name})
  set(target gobench_detector_${name})
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_compile_options(${target} PRIVATE -fPIC -ftls-model=initial-exec -msse4.2 -fvisibility=hidden)
  target_link_libraries(${target} PUBLIC Threads::Threads PRIVATE gobench_warnings)
  target_link_libraries(gobench_detector_parts INTERFACE ${target})
endfunction()

gobench_detector_part(clocks)
gobench_detector_part(report)
target_link_libraries(gobench_detector_report PUBLIC Elfutils::dw)

# What the clocks cost; a program to look at, which no test runs.
if(GOBENCH_TESTS)
  add_executable(gobench_clock_cost EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/tests/perf/clock_cost.cpp")
  target_link_libraries(gobench_clock_cost PRIVATE gobench_detector_clocks gobench_warnings)
endif()
