# The tests of what users see, and every suite at tiny size, under the flavours that find races: the tests are
# compiled as a user's program is, and a finding, or anything that ThreadSanitizer reports, ends them with 66.
#
#   ctest -L check    under gobench::check        ctest -L tsan    under gobench::tsan
#
# These are few tests of many cases each, since a process of an instrumented program takes its time to start, and
# several files at once go through the compiler, since most of its time is for templates that they have in common.
if(NOT GOBENCH_CHECK_BUILT)
  return()
endif()

# ---- what is left out

# Files that reach into the library: its state is not instrumented, so its inner parts cannot be used from code
# that is.
set(checked_tests_of_internals
  primitives/orphan_test          # and misuse: tasks that their run has left behind
  primitives/rate_limiter_test    # stands a clock still by a waiter of its own
  primitives/reader_slots_test
  primitives/timer_test           # counts control blocks
  runtime/end_moment_test
  runtime/fresh_list_test
  runtime/global_queue_test
  runtime/hand_off_test
  runtime/options_test
  runtime/overflow_test           # crashes on purpose; what a stack takes is another amount here
  runtime/owner_lock_test
  runtime/poller_test
  runtime/run_queue_test
  runtime/scheduler_test
  runtime/sleep_test
  runtime/stack_test
  runtime/switching_test
  runtime/timer_heap_test
  runtime/traps_test)

# Cases that do on purpose what the detector has to report.
set(checked_cases_left_out
  # a close beside a send, or another close, that nothing orders
  *chan_close_test.wakes_all_senders_and_they_throw*
  *chan_close_test.only_one_of_many_closes*
  *chan_close_test.against_everything*
  *chan_close_test.a_value_that_could_not_be_sent_is_destroyed*
  *chan_model_test.random_operations*
  *co_channel_test.a_close_ends_receives_and_throws_in_sends*
  # channels and wait_groups that are misused, and deadlocks
  *chan_close_test.*
  *co_channel_test.*close*
  *wait_group_test.*negative*
  *wait_group*misuse*
  *deadlock*
  *chan_test.nil*
  *chan_test.try_send_gives_the_value_up_only_when_it_succeeds*
  *chan_payload_test.try_send_keeps_a_value_whose_move_may_throw*
  *select_test.a_closed_channel_is_ready*
  *worker_pool_test.close_waits_for_what_was_submitted_and_refuses_more*
  *barrier_test.who_is_unwound_has_not_arrived*
  # misuse of locks
  *mutex_test.locking_again_by_the_holder_is_a_deadlock*
  *shared_mutex_test.misuse*
  *condition_variable_test.waiting_without_the_lock_is_misuse*
  *_contract.may_be_unlocked_by_another_task*
  *_contract.unlock_of_unlocked_is_misuse*
  *co_end_test.the_end_unwinds_whoever_waits_and_mends_the_queues*    # run()'s caller unlocks for its main task
  *deadlock_test.lists_every_task_with_what_it_waits_for*       # destroys a locked one
  # tasks that are abandoned still have what is freed then
  *co_end_test.abandoned_coroutines_are_left_as_they_are*
  *end_test.abandoned_tasks_are_not_unwound*
  *end_test.a_task_inside_a_call_that_never_returns_is_left_behind*
  # park() and unpark() are the runtime's own and no edge
  *permit_test.what_happened_before_an_unpark_is_seen*)

# The compiler's detector knows thread-local variables of threads, not of fibers that take turns on one: errno.
set(checked_cases_left_out_tsan
  *blocking_test.errno_is_what_the_call_left*
  # it allows no threads after a fork of a program that has some
  *death*
  trace.a_killed_program_leaves_whole_lines
  # twenty deadlocks in a row take it twenty seconds
  *deadlock_test.the_next_run_is_whole*
  # to be looked into: they fail there
  *quit_signal.the_handler_of_the_program_stays*
  trace.another_file_takes_over)
set(checked_cases_left_out_check)

file(GLOB checked_sources CONFIGURE_DEPENDS
  "${PROJECT_SOURCE_DIR}/tests/primitives/*.cpp" "${PROJECT_SOURCE_DIR}/tests/runtime/*.cpp")
foreach(left_out IN LISTS checked_tests_of_internals)
  list(REMOVE_ITEM checked_sources "${PROJECT_SOURCE_DIR}/tests/${left_out}.cpp")
endforeach()
# Names in it clash with those of other files.
set_source_files_properties("${PROJECT_SOURCE_DIR}/tests/primitives/chan_mix_test.cpp"
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

# ---- how they are compiled: -g1 comes after the -g of the flavour; warnings are for the plain build

add_library(gobench_checked_options INTERFACE)
target_include_directories(gobench_checked_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(gobench_checked_options INTERFACE -O1 -g1
  # Classes of a test in an anonymous namespace, of a file that is included.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-tsan -Wno-subobject-linkage>)

# ---- what is built, and run

set(checked_shards 4)

# gobench_checked_tests(FLAVOUR)
function(gobench_checked_tests flavour)
  set(target gobench_${flavour}_flavour_tests)
  add_executable(${target} ${checked_sources})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  target_link_libraries(${target} PRIVATE gobench::${flavour} nlohmann_json::nlohmann_json
    GTest::gtest GTest::gtest_main gobench_checked_options)

  list(JOIN checked_cases_left_out ":" left_out)
  list(JOIN checked_cases_left_out_${flavour} ":" left_out_here)
  math(EXPR last "${checked_shards} - 1")
  foreach(shard RANGE ${last})
    add_test(NAME ${flavour}.tests_${shard} COMMAND ${target} --gtest_brief=1 "--gtest_filter=-${left_out}:${left_out_here}")
    set_tests_properties(${flavour}.tests_${shard} PROPERTIES LABELS ${flavour} TIMEOUT 600 ENVIRONMENT
      "GTEST_TOTAL_SHARDS=${checked_shards};GTEST_SHARD_INDEX=${shard}")
  endforeach()

  if(NOT GOBENCH_CLI)
    return()
  endif()
  # Without the peers: what other libraries do inside is not seen.
  set(suites gobench_${flavour}_flavour_suites)
  add_executable(${suites} ${checked_suites_sources} "${PROJECT_SOURCE_DIR}/tests/suites/every_suite_test.cpp"
    "${go_sources_file}" "${cxx_peers_file}")
  target_precompile_headers(${suites} PRIVATE <gobench.hpp> "${PROJECT_SOURCE_DIR}/suites/registry.hpp" <gtest/gtest.h>)
  target_link_libraries(${suites} PRIVATE gobench::${flavour} gobench_results benchmark::benchmark
    GTest::gtest GTest::gtest_main gobench_checked_options)
  # Some suites switch stacks by hand, and the archive needs that library too, which CMake may put before it: both
  # functions are taken in any case.
  target_link_libraries(${suites} PRIVATE Boost::context)
  target_link_options(${suites} PRIVATE LINKER:--undefined=jump_fcontext LINKER:--undefined=make_fcontext)
  add_test(NAME ${flavour}.every_suite COMMAND ${suites} --gtest_brief=1
    "--gtest_filter=*proves_its_results*")
  set_tests_properties(${flavour}.every_suite PROPERTIES LABELS ${flavour} TIMEOUT 300
    # Of children too, whose exit status says nothing.
    FAIL_REGULAR_EXPRESSION "Fingerprint [0-9a-f]+;WARNING: ThreadSanitizer")
endfunction()

set(checked_suites_sources ${suites_sources})
gobench_checked_tests(check)
# Not all that ThreadSanitizer says has been looked at yet: built and run where asked for.
option(GOBENCH_TSAN_TESTS "Build the tests and suites against gobench::tsan as well, and run them" OFF)
if(GOBENCH_TSAN_TESTS)
  gobench_checked_tests(tsan)
endif()
