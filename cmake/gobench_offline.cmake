# Traces of programs that ran, and the engines that look for races in them; for the command line and the tests.
# What runs inside a checked program (the writer of recordings) needs nothing but libc and is compiled there again.
gobench_need(ZLIB)

gobench_sources(offline_sources detector/offline)
add_library(gobench_offline_archive STATIC ${offline_sources})
target_include_directories(gobench_offline_archive PUBLIC ${PROJECT_SOURCE_DIR})
target_link_libraries(gobench_offline_archive PRIVATE ZLIB::ZLIB fmt::fmt gobench_warnings)
# Engines register themselves from static objects that nothing refers to, so all of the archive goes into
# whatever is linked with it.
add_library(gobench_offline INTERFACE)
target_link_libraries(gobench_offline
  INTERFACE "$<LINK_LIBRARY:WHOLE_ARCHIVE,gobench_offline_archive>")
