# The race corpus: two binaries per compiler, level of optimisation and detector.
#
#   corpus_threads    cases that use the standard library and pthreads only, and no gobench
#   corpus_tasks      cases of gobench's tasks, channels and locks
#
# They are compiled by whatever compiler is asked for, not only by that of the build tree, so by commands of their own:
# that is also how users get here, with a compiler and some flags. The library that is linked is that of the tree.
#
# In ctest: g++ -O1. The targets corpus-COMPILER-LEVEL-DETECTOR (and all of them: corpus-everything) are for
# scripts/corpus, which takes longer than a CI run should.
if(NOT GOBENCH_CHECK_BUILT)
  return()
endif()
find_package(Python3 COMPONENTS Interpreter)
find_program(GOBENCH_CORPUS_GCC NAMES g++-12 g++)
find_program(GOBENCH_CORPUS_CLANG NAMES clang++ clang++-14)

file(GLOB corpus_threads_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/corpus/race/threads/*.cpp")
file(GLOB corpus_tasks_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/corpus/race/tasks/*.cpp")
set(corpus_main "${PROJECT_SOURCE_DIR}/tests/corpus/race/main.cpp")
get_target_property(corpus_context_library Boost::context IMPORTED_LOCATION)
if(NOT corpus_context_library)
  set(corpus_context_library -lboost_context)
endif()

# gobench_corpus_begin(COMPILER LEVEL DETECTOR): how programs are compiled and linked. COMPILER is g++ or clang++; DETECTOR is
# ours or tsan. Sets corpus_compile, corpus_link, corpus_threads_library, corpus_tasks_library, corpus_library_target.
function(gobench_corpus_begin compiler level detector)
  set(compile "-std=c++20" "-${level}" -g -fsanitize=thread -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    "-I${PROJECT_SOURCE_DIR}" "-I${PROJECT_SOURCE_DIR}/primitives/public")
  if(GOBENCH_WERROR)
    list(APPEND compile -Werror)
  endif()
  if(compiler STREQUAL "g++")
    # Functions that are the same become one at -O2, with one name for all: reports would name another case.
    list(APPEND compile -fno-ipa-icf)
    # About fences, which gcc's ThreadSanitizer does not know. Ours does.
    list(APPEND compile -Wno-tsan)
  else()
    list(APPEND compile -gdwarf-aranges -mprefer-vector-width=128)
  endif()
  if(detector STREQUAL "ours")
    set(tasks_library "${gobench_check_file}" ${corpus_context_library} -ldw -lelf -ldl)
    set(threads_library ${tasks_library})
    set(library_target gobench_check_archive "${gobench_check_file}")
    list(APPEND compile -DGOBENCH_FLAVOUR_CHECK)
    set(link)
  else()
    set(tasks_library "${gobench_tsan_file}" ${corpus_context_library})
    set(threads_library)
    set(library_target gobench_tsan_archive "${gobench_tsan_file}")
    list(APPEND compile -DGOBENCH_FLAVOUR_TSAN)
    set(link -fsanitize=thread)
  endif()
  set(corpus_compile ${compile} PARENT_SCOPE)
  set(corpus_link ${link} PARENT_SCOPE)
  set(corpus_threads_library ${threads_library} PARENT_SCOPE)
  set(corpus_tasks_library ${tasks_library} PARENT_SCOPE)
  set(corpus_library_target ${library_target} PARENT_SCOPE)
endfunction()

# gobench_corpus_program(BINARY KIND PATH SOURCE...): a program of threads or tasks (KIND), by the compiler at PATH, as the
# latest gobench_corpus_begin says. Objects lie beside it.
function(gobench_corpus_program binary kind path)
  get_filename_component(folder "${binary}" DIRECTORY)
  file(RELATIVE_PATH shown "${PROJECT_BINARY_DIR}" "${binary}")
  set(launcher)
  if(CMAKE_CXX_COMPILER_LAUNCHER)
    set(launcher "${CMAKE_CXX_COMPILER_LAUNCHER}")
  endif()
  set(objects)
  foreach(source IN LISTS ARGN)
    get_filename_component(stem "${source}" NAME_WE)
    set(object "${folder}/${kind}_${stem}.o")
    add_custom_command(OUTPUT "${object}"
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${folder}"
      COMMAND ${launcher} "${path}" ${corpus_compile} -MD -MF "${object}.d" -MT "${object}" -c "${source}" -o "${object}"
      DEPENDS "${source}" DEPFILE "${object}.d"
      COMMENT "Compiling ${shown}: ${stem}" VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  # libatomic for objects of 16 bytes.
  add_custom_command(OUTPUT "${binary}"
    COMMAND "${path}" ${corpus_link} ${objects} ${corpus_${kind}_library} -pthread -latomic -o "${binary}"
    DEPENDS ${objects} ${corpus_library_target}
    COMMENT "Linking ${shown}" VERBATIM)
endfunction()

# gobench_corpus(COMPILER PATH LEVEL DETECTOR): COMPILER is found at PATH.
function(gobench_corpus compiler path level detector)
  set(name "${compiler}-${level}-${detector}")
  gobench_corpus_begin(${compiler} ${level} ${detector})
  set(binaries)
  foreach(kind IN ITEMS threads tasks)
    set(binary "${PROJECT_BINARY_DIR}/corpus/${name}/corpus_${kind}")
    gobench_corpus_program("${binary}" ${kind} "${path}" ${corpus_${kind}_sources} "${corpus_main}")
    list(APPEND binaries "${binary}")
  endforeach()
  add_custom_target(corpus-${name} DEPENDS ${binaries})
  set(corpus_binaries "${binaries}" PARENT_SCOPE)
endfunction()

# gobench_corpus_test(COMPILER LEVEL): as the latest call of gobench_corpus has built it. One run of everything, jobs side
# by side.
function(gobench_corpus_test compiler level)
  if(NOT Python3_FOUND)
    return()
  endif()
  add_custom_target(corpus-${compiler}-${level}-in-all ALL)
  add_dependencies(corpus-${compiler}-${level}-in-all corpus-${compiler}-${level}-ours)
  add_test(NAME corpus.${compiler}-${level}
    COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tests/corpus/run" --how ours --jobs 4
      --build "${compiler}-${level}" --differences "${PROJECT_SOURCE_DIR}/tests/corpus/race/differences.txt"
      ${corpus_binaries})
  set_tests_properties(corpus.${compiler}-${level} PROPERTIES TIMEOUT 600 LABELS corpus PROCESSORS 2)
endfunction()

add_custom_target(corpus-everything)
foreach(compiler IN ITEMS g++ clang++)
  set(path "${GOBENCH_CORPUS_GCC}")
  if(compiler STREQUAL "clang++")
    set(path "${GOBENCH_CORPUS_CLANG}")
  endif()
  if(NOT path)
    continue()
  endif()
  foreach(level IN ITEMS O0 O1 O2)
    foreach(detector IN ITEMS tsan ours)
      gobench_corpus(${compiler} "${path}" ${level} ${detector})
      add_dependencies(corpus-everything corpus-${compiler}-${level}-${detector})
    endforeach()
    if("${compiler}-${level}" MATCHES "^g..-O1$")
      gobench_corpus_test(${compiler} ${level})
    endif()
  endforeach()
endforeach()

# One race among fifty files, found by the command that users have.
if(TARGET gobench_cli AND Python3_FOUND)
  add_test(NAME corpus.among_fifty
    COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/tests/corpus/among_fifty" --gobench $<TARGET_FILE:gobench_cli>)
  set_tests_properties(corpus.among_fifty PROPERTIES TIMEOUT 300 LABELS corpus)
endif()

include(gobench_explore_corpus)
