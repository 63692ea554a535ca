# libpinfeed_train.so: the only room that knows libtorch. Linked by path: find_package(Torch) of a CUDA
# wheel fails where no CUDA toolkit is.
file(GLOB_RECURSE train_sources CONFIGURE_DEPENDS pinfeed/train/*.cpp)
list(FILTER train_sources EXCLUDE REGEX "pinfeed/train/menu/")
if(train_sources)
  add_library(pinfeed_torch INTERFACE)
  target_include_directories(pinfeed_torch SYSTEM INTERFACE
    ${PINFEED_TORCH}/include ${PINFEED_TORCH}/include/torch/csrc/api/include)
  target_link_directories(pinfeed_torch INTERFACE ${PINFEED_TORCH}/lib)
  target_link_options(pinfeed_torch INTERFACE -Wl,-rpath,${PINFEED_TORCH}/lib)
  set(torch_libraries torch torch_cpu c10)
  foreach(name torch_cuda c10_cuda)
    if(EXISTS ${PINFEED_TORCH}/lib/lib${name}.so)
      list(APPEND torch_libraries ${name})
    endif()
  endforeach()
  target_link_libraries(pinfeed_torch INTERFACE -Wl,--no-as-needed ${torch_libraries} -Wl,--as-needed)

  add_library(pinfeed_train SHARED ${train_sources})
  target_link_libraries(pinfeed_train PUBLIC pinfeed pinfeed_torch PRIVATE pinfeed_warnings)
  # torch brings headers of an fmt of its own, and not the library behind them.
  target_compile_definitions(pinfeed_train PRIVATE FMT_HEADER_ONLY)
  target_precompile_headers(pinfeed_train PRIVATE <torch/torch.h>)
  # These know no torch: its header would only cost time.
  foreach(name checkpoint_keeper interrupt log_line report run_log state_json)
    set_source_files_properties(pinfeed/train/${name}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
  # A file with torch's header costs 10 to 20 s, so several go into one.
  set_target_properties(pinfeed_train PROPERTIES UNITY_BUILD ${PINFEED_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  set_target_properties(pinfeed_train PROPERTIES BUILD_WITH_INSTALL_RPATH ON
                                                 INSTALL_RPATH "$ORIGIN;${PINFEED_TORCH}/lib")
  set_property(GLOBAL APPEND PROPERTY PINFEED_ROOMS "train:core;memory;image;config;data;schedule")
endif()
