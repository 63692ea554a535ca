# Which file stands behind the device seam (pinfeed/memory/device.h): device_cuda.cpp with
# -DPINFEED_CUDA=ON and a CUDA toolkit, else device_none.cpp. Nothing else knows the difference.
option(PINFEED_CUDA "Build the CUDA back end of the device seam" OFF)
file(GLOB memory_sources CONFIGURE_DEPENDS pinfeed/memory/*.cpp)
set(memory_links fmt::fmt)
if(PINFEED_CUDA)
  find_package(CUDAToolkit REQUIRED)
  list(FILTER memory_sources EXCLUDE REGEX "/device_none\\.cpp$")
  list(APPEND memory_links CUDA::cudart)
else()
  list(FILTER memory_sources EXCLUDE REGEX "/device_cuda\\.cpp$")
endif()
