// SPDX-License-Identifier: Apache-2.0
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/memory/normalize_kernel.cuh"

namespace pinfeed {

void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream) {
  auto* native = static_cast<cudaStream_t>(stream.native());
  const DeviceRule on_device = device_rule(rule, static_cast<int>(from.channels));
  start_normalization(from, rule, to, [&](auto kernel, dim3 grid) {
    kernel<<<grid, warps_per_block * warp_lanes, 0, native>>>(from, on_device, to);
  });
  const cudaError_t result = cudaGetLastError();
  if (result == cudaSuccess) return;
  throw Error(ErrorKind::device, std::string("CUDA could not start the normalisation: ") +
                                     cudaGetErrorString(result));
}

}  // namespace pinfeed
