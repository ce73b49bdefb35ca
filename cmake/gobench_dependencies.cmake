# What gobench needs, all of it from the distribution. Nothing is downloaded.

# gobench_need(NAME find_package arguments...): one sentence with the next step where it is missing.
macro(gobench_need name)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "gobench needs ${name}, which is not installed: run ./scripts/bootstrap.")
  endif()
endmacro()

gobench_need(Threads)
# Static: a fiber switch is a few nanoseconds, of which a jump through the PLT would be a good part.
set(Boost_USE_STATIC_LIBS ON)
gobench_need(Boost 1.74 COMPONENTS context)
gobench_need(Elfutils)
if(GOBENCH_CLI)
  gobench_need(fmt 9)
  gobench_need(nlohmann_json)
  gobench_need(benchmark)
  gobench_need(CLI11)
  gobench_need(SQLite3)
endif()
if(GOBENCH_TESTS)
  gobench_need(nlohmann_json)
  gobench_need(GTest)
endif()
