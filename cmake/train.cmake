# libpinfeed_train.so: models/ and train/, the only modules that know libtorch. Linked by path: find_package(Torch) of a CUDA
# wheel fails where no CUDA toolkit is.
file(GLOB_RECURSE train_sources CONFIGURE_DEPENDS pinfeed/models/*.cpp pinfeed/train/*.cpp)
set(PINFEED_TORCH_VERSION 2.13.0)
if(PINFEED_TORCH)
  if(EXISTS ${PINFEED_TORCH}/version.py)
    file(STRINGS ${PINFEED_TORCH}/version.py version REGEX "^__version__ = ")
    string(REGEX MATCH "[0-9]+[.][0-9]+[.][0-9]+" PINFEED_TORCH_VERSION "${version}")
  endif()
  add_library(pinfeed_torch INTERFACE)
  target_include_directories(pinfeed_torch SYSTEM INTERFACE
    ${PINFEED_TORCH}/include ${PINFEED_TORCH}/include/torch/csrc/api/include)
  # By path: CMake then puts the folder into the RPATH of the build tree, and only there.
  set(torch_libraries "")
  foreach(name torch torch_cpu c10 torch_cuda c10_cuda)
    if(EXISTS ${PINFEED_TORCH}/lib/lib${name}.so)
      list(APPEND torch_libraries ${PINFEED_TORCH}/lib/lib${name}.so)
    endif()
  endforeach()
  target_link_libraries(pinfeed_torch INTERFACE -Wl,--no-as-needed ${torch_libraries} -Wl,--as-needed)

  # NCCL is in one file, which replaces the one of a build without it. It needs headers that PyPI's wheels have: those of
  # nvidia-nccl, nvidia-cublas, nvidia-cusparse and nvidia-cusolver.
  set(pinfeed_nccl OFF)
  if(PINFEED_CUDA AND EXISTS ${PINFEED_TORCH}/lib/libtorch_cuda.so)
    set(wheel_includes ${PINFEED_TORCH}/../nvidia/nccl/include)
    list(TRANSFORM pinfeed_cuda_wheels APPEND /include OUTPUT_VARIABLE toolkit_includes)
    find_path(PINFEED_NCCL nccl.h HINTS ${wheel_includes})
    find_path(PINFEED_CUBLAS cublas_v2.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ${toolkit_includes})
    mark_as_advanced(PINFEED_NCCL PINFEED_CUBLAS)
    if(PINFEED_NCCL AND PINFEED_CUBLAS)
      set(pinfeed_nccl ON)
    else()
      message(STATUS "No headers of NCCL or cuBLAS: several ranks cannot use CUDA")
    endif()
  endif()
  if(pinfeed_nccl)
    list(FILTER train_sources EXCLUDE REGEX "train/distributed/without_nccl.cpp$")
  else()
    list(FILTER train_sources EXCLUDE REGEX "train/distributed/nccl.cpp$")
  endif()
  add_library(pinfeed_train SHARED ${train_sources})
  find_package(OpenSSL REQUIRED COMPONENTS Crypto)
  target_link_libraries(pinfeed_train PUBLIC pinfeed pinfeed_torch PRIVATE pinfeed_warnings OpenSSL::Crypto)
  # torch brings headers of an fmt of its own, and not the library behind them.
  target_compile_definitions(pinfeed_train PRIVATE FMT_HEADER_ONLY)
  target_precompile_headers(pinfeed_train PRIVATE <torch/torch.h>)
  # These do not include torch.
  foreach(name checkpoint/checkpoint_files checkpoint/published_checkpoint loop/interrupt logging/log_line logging/report logging/run_log logging/scalar_writer logging/state_json
          logging/work_dir_lock)
    set_source_files_properties(pinfeed/train/${name}.cpp PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endforeach()
  # Its functions of OpenMP are those of the library that torch brings, so it is not linked. Those that clang would call are
  # others: there it uses one thread.
  set_source_files_properties(pinfeed/models/torch_parallel.cpp PROPERTIES COMPILE_OPTIONS $<$<CXX_COMPILER_ID:GNU>:-fopenmp> SKIP_PRECOMPILE_HEADERS ON
                                                                     SKIP_UNITY_BUILD_INCLUSION ON)
  # c10d is torch's library of collective operations. Its headers need those of Gloo (libgloo-dev), whose code is in
  # libtorch_cpu.so, and these definitions, with which torch's header would be another one than that of the others.
  find_path(PINFEED_GLOO gloo/context.h REQUIRED)
  mark_as_advanced(PINFEED_GLOO)
  file(GLOB c10d_sources CONFIGURE_DEPENDS pinfeed/train/distributed/*.cpp)
  foreach(source ${c10d_sources})
    file(STRINGS ${source} includes REGEX "include.*(c10d/|distributed/connection.h)")
    if(pinfeed_nccl AND source MATCHES "/nccl.cpp$")
      set_source_files_properties(${source} PROPERTIES INCLUDE_DIRECTORIES "${PINFEED_NCCL};${CUDAToolkit_INCLUDE_DIRS};${PINFEED_CUBLAS}")
    endif()
    if(includes)
      set_source_files_properties(${source} PROPERTIES SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON
        COMPILE_DEFINITIONS "FMT_HEADER_ONLY;USE_DISTRIBUTED;USE_RPC;USE_TENSORPIPE;USE_C10D_GLOO;$<$<BOOL:${pinfeed_nccl}>:USE_C10D_NCCL>")
    else()
      set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
  set_target_properties(pinfeed_train PROPERTIES UNITY_BUILD ${PINFEED_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  # A compilation with torch's header takes 1.3 GB of memory: at most two at once.
  set_property(GLOBAL APPEND PROPERTY JOB_POOLS torch_pool=2)
  set_target_properties(pinfeed_train PROPERTIES JOB_POOL_COMPILE torch_pool JOB_POOL_PRECOMPILE_HEADER torch_pool)
  # The installed library finds torch as docs/installing.md says: cmake/install.cmake removes the second
  # folder. If CMake did that itself, it would append an empty entry to the RPATH of the build tree, which
  # the loader takes as the current folder.
  set(pinfeed_train_rpath "$ORIGIN:${PINFEED_TORCH}/lib")
  set_target_properties(pinfeed_train PROPERTIES BUILD_WITH_INSTALL_RPATH ON
                                                 INSTALL_RPATH "$ORIGIN;${PINFEED_TORCH}/lib")
endif()

# The rules of their modules (docs/architecture.md), also without libtorch.
# layer 5
pinfeed_module(models TARGET none NEEDS core formats/weights image image/draw image/expression data schemas)
pinfeed_module(models/ops TARGET none NEEDS core models schemas)
pinfeed_module(models/layers TARGET none NEEDS models models/ops schemas)
pinfeed_module(models/losses TARGET none NEEDS models schemas)
pinfeed_module(models/task_modules TARGET none NEEDS core models schemas)
pinfeed_module(models/backbones TARGET none NEEDS core models models/layers models/ops schemas)
pinfeed_module(models/necks TARGET none NEEDS models models/layers schemas)
pinfeed_module(models/dense_heads TARGET none NEEDS core models models/layers models/losses models/ops models/task_modules schemas)
pinfeed_module(models/roi_heads TARGET none NEEDS core data image image/draw image/expression models models/layers
                                             models/losses models/ops models/task_modules models/dense_heads schemas)
pinfeed_module(models/detectors TARGET none NEEDS core models models/dense_heads schemas)
pinfeed_module(models/selfsup TARGET none NEEDS core models models/layers models/ops schemas)
pinfeed_module(models/build TARGET none NEEDS core config/value config data models models/backbones models/necks
                                         models/dense_heads models/roi_heads models/detectors models/selfsup schemas)
# layer 7
pinfeed_module(train TARGET none NEEDS core config schedule data data/loader metrics)
pinfeed_module(train/logging TARGET none NEEDS core config/value config formats plot annotations data image image/codec inspect report)
pinfeed_module(train/checkpoint TARGET none NEEDS core config/value config formats schemas models train/logging)
pinfeed_module(train/optim TARGET none NEEDS core config/value config schedule schemas models)
pinfeed_module(train/input TARGET none NEEDS core config/value memory annotations data data/loader inspect schemas models)
pinfeed_module(train/distributed TARGET none NEEDS core schemas)
pinfeed_module(train/loop TARGET none NEEDS core config/value config schedule train annotations data data/loader metrics schemas
                                            models train/logging train/checkpoint train/optim train/input train/distributed)
pinfeed_module(train/hooks TARGET none NEEDS core config schedule schemas models train/logging train/checkpoint train/input
                                             train/optim train/distributed train/loop)
pinfeed_module(train/run TARGET none NEEDS core config/value config memory image image/codec image/draw inspect data/datasets schedule annotations data data/loader metrics schemas
                                           models models/build models/layers train train/distributed report train/logging train/checkpoint train/optim
                                           train/input train/loop train/hooks)
