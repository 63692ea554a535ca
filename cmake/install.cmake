# cmake --install: program, libraries, headers, and the package that find_package(pinfeed) finds.
include(CMakePackageConfigHelpers)
set(pinfeed_package ${CMAKE_INSTALL_LIBDIR}/cmake/pinfeed)

install(TARGETS pinfeed EXPORT pinfeed)
install(EXPORT pinfeed NAMESPACE pinfeed:: DESTINATION ${pinfeed_package} FILE pinfeedTargets.cmake)
if(TARGET pinfeed_program)
  install(TARGETS pinfeed_program)
endif()
if(TARGET pinfeed_train)
  install(TARGETS pinfeed_train)
endif()

install(DIRECTORY pinfeed DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

configure_package_config_file(cmake/pinfeedConfig.cmake.in pinfeedConfig.cmake
                              INSTALL_DESTINATION ${pinfeed_package})
write_basic_package_version_file(pinfeedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pinfeedConfig.cmake ${PROJECT_BINARY_DIR}/pinfeedConfigVersion.cmake
        DESTINATION ${pinfeed_package})
