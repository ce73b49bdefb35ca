# `find_package(gobench)` for users: the library, its headers and the package files.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME library)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/gobench")
install(TARGETS gobench EXPORT gobench-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(GOBENCH_CHECK_BUILT)
  install(TARGETS gobench_check gobench_tsan EXPORT gobench-targets)
  install(FILES "${gobench_check_file}" "${gobench_tsan_file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS gobench_detector EXPORT gobench-targets
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT library NAMELINK_COMPONENT library)
endif()
install(EXPORT gobench-targets NAMESPACE gobench:: DESTINATION "${package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/runtime" "${PROJECT_SOURCE_DIR}/primitives"
  DESTINATION include/gobench FILES_MATCHING PATTERN "*.hpp" PATTERN "public" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/primitives/public/" DESTINATION include/gobench
  FILES_MATCHING PATTERN "*.hpp")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/gobenchConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/gobenchConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/gobenchConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/gobenchConfig.cmake"
  "${PROJECT_BINARY_DIR}/gobenchConfigVersion.cmake" DESTINATION "${package_dir}")
