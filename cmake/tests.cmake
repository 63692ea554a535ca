# Tests that are no room's. floors: the rules of the house that can be read off the files.
get_property(rooms GLOBAL PROPERTY PINFEED_ROOMS)
string(REGEX REPLACE "(^|;)([a-z_]+):" "\n\\2:" rooms "${rooms}")
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/rooms.txt CONTENT "@rooms@\n" @ONLY)
pinfeed_tests(floors LINKS fmt::fmt)
if(TARGET pinfeed_program AND TARGET floors_test)
  add_dependencies(floors_test pinfeed_program)
endif()

# examples/ against the installed tree. A sanitizer's run time would have to be in the consumer too.
if(NOT PINFEED_SANITIZE)
  set(prefix ${PROJECT_BINARY_DIR}/installed)
  add_test(NAME install.PutsTheTreeThere
           COMMAND ${CMAKE_COMMAND} --install ${PROJECT_BINARY_DIR} --prefix ${prefix})
  set_tests_properties(install.PutsTheTreeThere PROPERTIES FIXTURES_SETUP installed)
  add_test(NAME install.FindPackageBuildsTheExamples
           COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test ${PROJECT_SOURCE_DIR}/examples
                   ${PROJECT_BINARY_DIR}/examples --build-generator ${CMAKE_GENERATOR} --build-noclean
                   --build-options -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}
                   --test-command schedule_example)
  set_tests_properties(install.FindPackageBuildsTheExamples PROPERTIES FIXTURES_REQUIRED installed)
endif()
