# Findings of the detector as the command line reads, judges and writes them.

gobench_sources(findings_sources detector/findings)
add_library(gobench_findings_archive STATIC ${findings_sources})
target_include_directories(gobench_findings_archive PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(gobench_findings_archive
  PUBLIC fmt::fmt nlohmann_json::nlohmann_json PRIVATE gobench_warnings)
# Exporters register themselves from static objects that nothing refers to, as in gobench_results.
add_library(gobench_findings INTERFACE)
target_link_libraries(gobench_findings
  INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,gobench_findings_archive>")
