# libFuzzer targets of the config's readers, for clang: tools/fuzz.sh builds and runs them.
foreach(reader python json yaml options)
  add_executable(fuzz_${reader} tests/fuzz/${reader}.cpp $<TARGET_OBJECTS:pinfeed_core>
                                $<TARGET_OBJECTS:pinfeed_config>)
  target_include_directories(fuzz_${reader} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_options(fuzz_${reader} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz_${reader} PRIVATE pinfeed_warnings fmt::fmt Threads::Threads PkgConfig::simdjson
                                               PkgConfig::yaml_cpp)
endforeach()
