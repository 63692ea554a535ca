# libpinfeed.so: every module that does not use torch.
get_property(objects GLOBAL PROPERTY PINFEED_OBJECTS)
get_property(links GLOBAL PROPERTY PINFEED_LINKS)
list(REMOVE_DUPLICATES links)
add_library(pinfeed SHARED)
foreach(object ${objects})
  target_sources(pinfeed PRIVATE $<TARGET_OBJECTS:${object}>)
endforeach()
target_compile_features(pinfeed PUBLIC cxx_std_20)
target_include_directories(pinfeed PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                          $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(pinfeed PRIVATE ${links})
set_target_properties(pinfeed PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
                                         BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN")
