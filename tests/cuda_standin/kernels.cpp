// SPDX-License-Identifier: Apache-2.0
// The kernel of memory/kernels.cu as work of a stream of the stand-in, one thread of the grid after
// the other. As behind the start of a kernel, an error that an earlier call has left is an error
// here.
#include "pinfeed/memory/kernels.h"

#include <string>

#include "pinfeed/core/error.h"
#include "tests/cuda_standin/cuda_language.h"
#include "tests/cuda_standin/standin.h"

// Behind the names of CUDA's language.
#include "pinfeed/memory/normalize_kernel.cuh"

namespace pinfeed {
namespace {

// A grid of two blocks in x at most, so that threads have several rows.
template <class Kernel>
void run(const Kernel& kernel, dim3 grid, unsigned threads) {
  gridDim = dim3(grid.x < 2 ? grid.x : 2, grid.y < 2 ? grid.y : 2);
  blockDim = dim3(threads);
  for (unsigned y = 0; y < gridDim.y; ++y) {
    for (unsigned x = 0; x < gridDim.x; ++x) {
      blockIdx = dim3(x, y);
      for (unsigned thread = 0; thread < threads; ++thread) {
        threadIdx = dim3(thread);
        kernel();
      }
    }
  }
}

}  // namespace

void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream) {
  const DeviceRule on_device = device_rule(rule, static_cast<int>(from.channels));
  start_normalization(from, rule, to, [&](auto kernel, dim3 grid) {
    standin::push(static_cast<cudaStream_t>(stream.native()), [kernel, grid, from, on_device, to] {
      run([&] { kernel(from, on_device, to); }, grid, warps_per_block * warp_lanes);
    });
  });
  const cudaError_t result = cudaGetLastError();
  if (result == cudaSuccess) return;
  throw Error(ErrorKind::device,
              std::string("CUDA could not start the normalisation: ") + cudaGetErrorString(result));
}

}  // namespace pinfeed
