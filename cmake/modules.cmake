# pinfeed_module(<path> NEEDS <modules>... LINKS <libraries>...): the folder pinfeed/<path> without the
# folders below it that are modules themselves. Its sources become an object library, which is linked
# into libpinfeed.so. A file belongs to the module with the longest path that is a prefix of the file's
# path. It may include files of its module and of the modules in NEEDS (the test `layering` checks this).
#   SOURCES     the sources, if they are not all *.cpp of the folder
#   TARGET      none: defines only the rule; the sources are built elsewhere (libpinfeed_train.so)
set_property(GLOBAL PROPERTY PINFEED_MODULES "")

function(pinfeed_module path)
  cmake_parse_arguments(MODULE "" "TARGET" "NEEDS;LINKS;SOURCES" ${ARGN})
  list(JOIN MODULE_NEEDS " " needs)
  set_property(GLOBAL APPEND PROPERTY PINFEED_MODULES "${path}: ${needs}")
  if(MODULE_TARGET STREQUAL "none")
    return()
  endif()
  if(NOT MODULE_SOURCES)
    file(GLOB MODULE_SOURCES CONFIGURE_DEPENDS pinfeed/${path}/*.cpp)
  endif()
  if(NOT MODULE_SOURCES)
    return() # headers only
  endif()
  string(REPLACE "/" "_" target "pinfeed_${path}")
  add_library(${target} OBJECT ${MODULE_SOURCES})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${target} PRIVATE pinfeed_warnings ${MODULE_LINKS})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON
                        UNITY_BUILD ${PINFEED_UNITY} UNITY_BUILD_BATCH_SIZE ${PINFEED_UNITY_BATCH})
  set_property(GLOBAL APPEND PROPERTY PINFEED_OBJECTS ${target})
  set_property(GLOBAL APPEND PROPERTY PINFEED_LINKS ${MODULE_LINKS})
endfunction()

# pinfeed_tests(<name> FOLDERS <folders of tests/>... SOURCES <further files>... LINKS <libraries>... SLOW <suites>...): the test
# program <name>_test of all *_test.cpp below the folders (by default tests/<name>). Each TEST is a test
# of ctest and runs in a process of its own. Those of the suites in SLOW have the label `slow`, the
# others `quick`. A suite is slow if one of its tests takes more than about 2 s.
function(pinfeed_tests name)
  cmake_parse_arguments(TESTS "" "" "FOLDERS;SOURCES;LINKS;SLOW" ${ARGN})
  if(NOT TESTS_FOLDERS)
    set(TESTS_FOLDERS ${name})
  endif()
  set(sources ${TESTS_SOURCES})
  foreach(folder ${TESTS_FOLDERS})
    file(GLOB_RECURSE found CONFIGURE_DEPENDS tests/${folder}/*_test.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(NOT sources OR NOT PINFEED_TESTS)
    return()
  endif()
  add_executable(${name}_test ${sources})
  target_compile_options(${name}_test PRIVATE -O1) # the tested code has its own flags
  target_link_libraries(${name}_test PRIVATE pinfeed_warnings ${TESTS_LINKS} GTest::gtest GTest::gtest_main
                                             GTest::gmock fmt::fmt)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name}_test PRIVATE PINFEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                  PINFEED_BINARY_DIR="${PROJECT_BINARY_DIR}")
  list(TRANSFORM TESTS_SLOW APPEND ".*")
  list(JOIN TESTS_SLOW ":" slow)
  set(quick "")
  if(slow)
    set(quick TEST_FILTER "-${slow}")
    gtest_discover_tests(${name}_test TEST_PREFIX "${name}." TEST_FILTER "${slow}" TEST_LIST ${name}_slow_tests
                         DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300 LABELS slow)
  endif()
  gtest_discover_tests(${name}_test TEST_PREFIX "${name}." ${quick} DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 LABELS quick)
endfunction()
