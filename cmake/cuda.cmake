# The implementation of pinfeed/memory/device.h: device_cuda.cpp and kernels.cu with -DPINFEED_CUDA=ON
# and a CUDA toolkit, otherwise device_none.cpp. All other files are the same in both builds.
option(PINFEED_CUDA "Build the CUDA implementation of pinfeed/memory/device.h" OFF)
file(GLOB memory_sources CONFIGURE_DEPENDS pinfeed/memory/*.cpp)
set(memory_links fmt::fmt)
if(PINFEED_CUDA)
  find_package(CUDAToolkit REQUIRED)
  list(FILTER memory_sources EXCLUDE REGEX "/device_none\\.cpp$")
  list(APPEND memory_sources pinfeed/memory/kernels.cu)
  list(APPEND memory_links CUDA::cudart_static)
  # Turing is the oldest architecture of nvcc 13. Newer devices compile the PTX of the last one.
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 75-real 80-real 90)
  endif()
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 20)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake 3.25 does not know this option of nvcc
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
  endif()
  add_compile_options($<$<COMPILE_LANGUAGE:CUDA>:--expt-relaxed-constexpr>)
else()
  list(FILTER memory_sources EXCLUDE REGEX "/device_cuda\\.cpp$")
endif()
