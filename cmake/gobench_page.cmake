# The page of gobench report: its sources, and uPlot from npm, as strings in the binary.
# scripts/bootstrap puts uPlot where it is looked for here; without it all else is built, and the command says so.

set(uplot_version 1.6.31)
set(uplot_cache "$ENV{XDG_CACHE_HOME}")
if(NOT uplot_cache)
  set(uplot_cache "$ENV{HOME}/.cache")
endif()
find_path(GOBENCH_UPLOT_DIR dist/uPlot.iife.min.js
  HINTS "${uplot_cache}/gobench/uplot-${uplot_version}" NO_DEFAULT_PATH
  DOC "The npm package uplot ${uplot_version}, unpacked")

set(page_sources)
foreach(name IN ITEMS page.css data.js table.js series.js plot.js sections.js main.js)
  list(APPEND page_sources "${PROJECT_SOURCE_DIR}/cli/report/page/${name}")
endforeach()
list(APPEND page_sources "${PROJECT_SOURCE_DIR}/scripts/internal/draw_picture.py")
if(GOBENCH_UPLOT_DIR)
  file(READ "${GOBENCH_UPLOT_DIR}/package.json" uplot_package)
  string(JSON uplot_found GET "${uplot_package}" version)
  if(NOT uplot_found STREQUAL uplot_version)
    message(FATAL_ERROR "${GOBENCH_UPLOT_DIR} has uPlot ${uplot_found} and gobench needs ${uplot_version}: "
      "run ./scripts/bootstrap, then configure with -UGOBENCH_UPLOT_DIR.")
  endif()
  list(APPEND page_sources "${GOBENCH_UPLOT_DIR}/dist/uPlot.iife.min.js"
    "${GOBENCH_UPLOT_DIR}/dist/uPlot.min.css" "${GOBENCH_UPLOT_DIR}/LICENSE")
else()
  message(STATUS "uPlot is not there, so gobench report will not work: run ./scripts/bootstrap (with npm) and configure again.")
endif()

set(page_parts_file "${PROJECT_BINARY_DIR}/generated/page_parts.cpp")
add_custom_command(OUTPUT "${page_parts_file}"
  COMMAND "${CMAKE_COMMAND}" "-Dout=${page_parts_file}" "-Dfiles=${page_sources}"
    -P "${PROJECT_SOURCE_DIR}/cmake/make_page_parts.cmake"
  DEPENDS ${page_sources} "${PROJECT_SOURCE_DIR}/cmake/make_page_parts.cmake"
  VERBATIM)
