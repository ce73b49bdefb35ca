# The corpus of schedules: programs that fail in some schedules, and their twins.
#
#   explore_threads    cases that use the standard library and pthreads only, and no gobench
#   explore_tasks      cases of gobench's tasks, channels and locks
#
# In ctest: by g++ -O1, explored by the default strategy. The targets explore-corpus-COMPILER are for scripts/explore-corpus,
# which asks all strategies and takes minutes. Included by gobench_corpus.cmake.
foreach(kind IN ITEMS threads tasks)
  file(GLOB explore_${kind}_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/corpus/explore/${kind}/*.cpp")
  list(APPEND explore_${kind}_sources "${PROJECT_SOURCE_DIR}/tests/corpus/explore/${kind}.cpp"
    "${PROJECT_SOURCE_DIR}/tests/corpus/explore/main.cpp")
endforeach()

foreach(compiler IN ITEMS g++ clang++)
  set(path "${GOBENCH_CORPUS_GCC}")
  set(level O1)
  if(compiler STREQUAL "clang++")
    set(path "${GOBENCH_CORPUS_CLANG}")
    set(level O2)
  endif()
  if(NOT path)
    continue()
  endif()
  gobench_corpus_begin(${compiler} ${level} ours)
  set(binaries)
  foreach(kind IN ITEMS threads tasks)
    set(binary "${PROJECT_BINARY_DIR}/corpus/explore-${compiler}/explore_${kind}")
    gobench_corpus_program("${binary}" ${kind} "${path}" ${explore_${kind}_sources})
    list(APPEND binaries "${binary}")
  endforeach()
  add_custom_target(explore-corpus-${compiler} DEPENDS ${binaries})
  if(compiler STREQUAL "g++" AND TARGET gobench_cli AND Python3_FOUND)
    add_custom_target(explore-corpus-in-all ALL)
    add_dependencies(explore-corpus-in-all explore-corpus-${compiler})
    add_test(NAME corpus.explore
      COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tests/corpus/explore/run" --gobench $<TARGET_FILE:gobench_cli>
        --fast ${binaries})
    set_tests_properties(corpus.explore PROPERTIES TIMEOUT 600 LABELS corpus PROCESSORS 2)
  endif()
endforeach()
