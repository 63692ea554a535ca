# cmake --install: the program, the libraries, the public headers, and the files for
# find_package(pinfeed).
include(CMakePackageConfigHelpers)
include(cmake/public_headers.cmake)
set(pinfeed_package ${CMAKE_INSTALL_LIBDIR}/cmake/pinfeed)

install(TARGETS pinfeed EXPORT pinfeed)
install(EXPORT pinfeed NAMESPACE pinfeed:: DESTINATION ${pinfeed_package} FILE pinfeedTargets.cmake)
if(TARGET pinfeed_program)
  install(TARGETS pinfeed_program)
endif()
if(TARGET pinfeed_train)
  install(TARGETS pinfeed_train)
  install(CODE "file(RPATH_CHANGE FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libpinfeed_train.so\"
     OLD_RPATH \"${pinfeed_train_rpath}\" NEW_RPATH \"\$ORIGIN\")")
endif()

set(installed_headers ${pinfeed_public_headers})
if(TARGET pinfeed_train)
  list(APPEND installed_headers pinfeed/train_plugin.h) # needs torch; examples/train_plugin compiles it
endif()
install(CODE "set(pinfeed_public_headers ${installed_headers})
set(pinfeed_source_dir \"${PROJECT_SOURCE_DIR}\")
set(pinfeed_include_dir \"${CMAKE_INSTALL_INCLUDEDIR}\")")
install(SCRIPT cmake/install_headers.cmake)

configure_package_config_file(cmake/pinfeedConfig.cmake.in pinfeedConfig.cmake
                              INSTALL_DESTINATION ${pinfeed_package})
write_basic_package_version_file(pinfeedConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pinfeedConfig.cmake ${PROJECT_BINARY_DIR}/pinfeedConfigVersion.cmake
        DESTINATION ${pinfeed_package})
