# The extension of the Python package, pinfeed._pinfeed (docs/python.md), with -DPINFEED_PYTHON=ON. Needs the
# Python package nanobind in the environment of Python_EXECUTABLE.
set(python_needs core config/value config memory image image/expression annotations schedule metrics schemas formats formats/weights data
                 data/datasets data/loader inspect report)
pinfeed_module(python TARGET none NEEDS ${python_needs})
if(NOT PINFEED_PYTHON)
  return()
endif()
find_package(Python 3.10 REQUIRED COMPONENTS Interpreter Development.Module OPTIONAL_COMPONENTS Development.SABIModule)
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir OUTPUT_VARIABLE nanobind_ROOT
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind CONFIG REQUIRED)

file(GLOB python_sources CONFIGURE_DEPENDS pinfeed/python/*.cpp)
# One binary from Python 3.12 on; a binary for each version before.
nanobind_add_module(pinfeed_python STABLE_ABI NB_STATIC NOMINSIZE NB_SUPPRESS_WARNINGS ${python_sources})
target_link_libraries(pinfeed_python PRIVATE pinfeed pinfeed_warnings fmt::fmt)
set(python_package ${PROJECT_BINARY_DIR}/python/pinfeed)
set_target_properties(pinfeed_python PROPERTIES OUTPUT_NAME _pinfeed LIBRARY_OUTPUT_DIRECTORY ${python_package}
                                                BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/lib")

# build/<preset>/python/pinfeed is the package as a wheel has it, with links to the sources.
file(GLOB python_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/pinfeed/*)
set(links "")
foreach(file ${python_files})
  cmake_path(GET file FILENAME name)
  if(NOT name MATCHES "^(__pycache__|.*[.]so|.*[.]pyi)$")
    list(APPEND links COMMAND ${CMAKE_COMMAND} -E create_symlink ${file} ${python_package}/${name})
  endif()
endforeach()
add_custom_command(TARGET pinfeed_python POST_BUILD
  COMMAND ${CMAKE_COMMAND} -E make_directory ${python_package}/lib ${python_package}/bin ${links}
  COMMAND ${CMAKE_COMMAND} -E create_symlink ${PROJECT_BINARY_DIR}/libpinfeed.so.0 ${python_package}/lib/libpinfeed.so.0
  COMMAND ${CMAKE_COMMAND} -E create_symlink ${PROJECT_BINARY_DIR}/pinfeed ${python_package}/bin/pinfeed VERBATIM)
if(TARGET pinfeed_program)
  add_dependencies(pinfeed_python pinfeed_program)
endif()

# The stubs, from the docstrings of the extension.
nanobind_add_stub(pinfeed_python_stub MODULE _pinfeed OUTPUT ${python_package}/_pinfeed.pyi PYTHON_PATH ${python_package}
                  DEPENDS pinfeed_python)

# What a wheel has besides the files of python/pinfeed.
install(TARGETS pinfeed_python LIBRARY DESTINATION pinfeed COMPONENT python EXCLUDE_FROM_ALL)
install(FILES ${python_package}/_pinfeed.pyi DESTINATION pinfeed COMPONENT python EXCLUDE_FROM_ALL)
install(PROGRAMS $<TARGET_FILE:pinfeed> DESTINATION pinfeed/lib RENAME libpinfeed.so.0 COMPONENT python EXCLUDE_FROM_ALL)
install(PROGRAMS $<TARGET_FILE:pinfeed_program> DESTINATION pinfeed/bin COMPONENT python EXCLUDE_FROM_ALL)
if(TARGET pinfeed_train)
  install(PROGRAMS $<TARGET_FILE:pinfeed_train> DESTINATION pinfeed/lib COMPONENT python EXCLUDE_FROM_ALL)
  install(CODE "file(RPATH_CHANGE FILE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/pinfeed/lib/libpinfeed_train.so\"
     OLD_RPATH \"${pinfeed_train_rpath}\" NEW_RPATH \"\$ORIGIN\")" COMPONENT python EXCLUDE_FROM_ALL)
endif()
add_custom_target(pinfeed_wheel DEPENDS pinfeed_python_stub pinfeed_program)
if(TARGET pinfeed_train)
  add_dependencies(pinfeed_wheel pinfeed_train)
endif()
