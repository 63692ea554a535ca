# The tests of memory/ and of the loader with device_cuda.cpp over a stand-in for the CUDA runtime
# (tests/cuda_standin), on any machine.
file(GLOB standin_sources CONFIGURE_DEPENDS pinfeed/memory/*.cpp)
list(FILTER standin_sources EXCLUDE REGEX "/device_none\\.cpp$")
list(APPEND standin_sources tests/cuda_standin/runtime.cpp tests/cuda_standin/kernels.cpp)
get_property(standin_objects GLOBAL PROPERTY PINFEED_OBJECTS)
list(REMOVE_ITEM standin_objects pinfeed_memory)
get_property(standin_links GLOBAL PROPERTY PINFEED_LINKS)
list(REMOVE_DUPLICATES standin_links)
add_library(pinfeed_cuda_standin SHARED ${standin_sources})
foreach(object ${standin_objects})
  target_sources(pinfeed_cuda_standin PRIVATE $<TARGET_OBJECTS:${object}>)
endforeach()
target_compile_features(pinfeed_cuda_standin PUBLIC cxx_std_20)
target_include_directories(pinfeed_cuda_standin PUBLIC ${PROJECT_SOURCE_DIR} PRIVATE ${PROJECT_SOURCE_DIR}/tests/cuda_standin)
target_link_libraries(pinfeed_cuda_standin PRIVATE pinfeed_warnings ${standin_links})

pinfeed_tests(cuda_standin FOLDERS memory cuda_standin SOURCES tests/data/loader_test.cpp tests/data/loader_stress_test.cpp
              tests/data/loader_lifetime_test.cpp LINKS pinfeed_cuda_standin PkgConfig::simdjson PkgConfig::xxhash
              SLOW BatchBufferRingStress LoaderStress)
# Once more with random pauses, and with allocations that wait for all work.
foreach(variant "delays;STANDIN_DELAY_US=300" "sync;STANDIN_SYNC=1")
  list(GET variant 0 name)
  list(GET variant 1 setting)
  gtest_discover_tests(cuda_standin_test TEST_PREFIX "cuda_standin_${name}." TEST_FILTER "*Transfer*:Cuda*:Staging*:Protocol*:SlotMemory*"
                       TEST_LIST cuda_standin_${name}_tests DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300 LABELS quick ENVIRONMENT ${setting})
endforeach()
