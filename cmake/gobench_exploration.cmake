# Exploring schedules, seen from the command line: what a log says, tokens, searching all schedules, shrinking. The strategies
# run inside checked programs; here they are compiled again for the tests of what they do with models of programs.
gobench_sources(exploration_sources detector/exploration detector/explore/strategies)
add_library(gobench_exploration STATIC ${exploration_sources})
target_include_directories(gobench_exploration PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(gobench_exploration PRIVATE fmt::fmt gobench_warnings)
