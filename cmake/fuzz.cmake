# libFuzzer programs for the readers of configs, images, annotations and checkpoints. They need clang; tools/fuzz.sh
# builds and runs them.
function(pinfeed_fuzzer reader)
  add_executable(fuzz_${reader} tests/fuzz/${reader}.cpp)
  get_property(objects GLOBAL PROPERTY PINFEED_OBJECTS)
  foreach(object ${objects})
    target_sources(fuzz_${reader} PRIVATE $<TARGET_OBJECTS:${object}>)
  endforeach()
  get_property(links GLOBAL PROPERTY PINFEED_LINKS)
  list(REMOVE_DUPLICATES links)
  target_include_directories(fuzz_${reader} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_options(fuzz_${reader} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz_${reader} PRIVATE pinfeed_warnings ${links})
endfunction()

foreach(reader python json yaml options jpeg png coefficients record coco rle pth)
  pinfeed_fuzzer(${reader})
endforeach()
