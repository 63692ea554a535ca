# pinfeed_room(<name> NEEDS <rooms below>... LINKS <libraries>...): the folder pinfeed/<name>, an
# object library that goes into libpinfeed.so, and the tests of tests/<name> as <name>_test.
set_property(GLOBAL PROPERTY PINFEED_ROOMS "")

function(pinfeed_room room)
  cmake_parse_arguments(ROOM "" "FOLDER" "NEEDS;LINKS;SOURCES" ${ARGN})
  if(NOT ROOM_FOLDER)
    set(ROOM_FOLDER ${room})
  endif()
  if(NOT ROOM_SOURCES)
    file(GLOB_RECURSE ROOM_SOURCES CONFIGURE_DEPENDS pinfeed/${ROOM_FOLDER}/*.cpp)
  endif()
  if(NOT ROOM_SOURCES)
    return()
  endif()
  add_library(pinfeed_${room} OBJECT ${ROOM_SOURCES})
  target_compile_features(pinfeed_${room} PUBLIC cxx_std_20)
  target_include_directories(pinfeed_${room} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(pinfeed_${room} PRIVATE pinfeed_warnings ${ROOM_LINKS})
  set_target_properties(pinfeed_${room} PROPERTIES POSITION_INDEPENDENT_CODE ON
                        UNITY_BUILD ${PINFEED_UNITY} UNITY_BUILD_BATCH_SIZE 6)
  set_property(GLOBAL APPEND PROPERTY PINFEED_ROOMS "${ROOM_FOLDER}:${ROOM_NEEDS}")
  set_property(GLOBAL APPEND PROPERTY PINFEED_OBJECTS pinfeed_${room})
  set_property(GLOBAL APPEND PROPERTY PINFEED_LINKS ${ROOM_LINKS})
endfunction()

# pinfeed_tests(<room> LINKS <libraries>...): one test program per room, each TEST a test of ctest.
function(pinfeed_tests room)
  cmake_parse_arguments(ROOM "" "" "LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS tests/${room}/*_test.cpp)
  if(NOT sources OR NOT PINFEED_TESTS)
    return()
  endif()
  add_executable(${room}_test ${sources})
  target_compile_options(${room}_test PRIVATE -O1) # what is tested has its own flags
  target_link_libraries(${room}_test PRIVATE pinfeed_warnings ${ROOM_LINKS} GTest::gtest GTest::gtest_main
                                             GTest::gmock fmt::fmt)
  target_include_directories(${room}_test PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${room}_test PRIVATE PINFEED_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                                  PINFEED_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(${room}_test TEST_PREFIX "${room}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()
