// SPDX-License-Identifier: Apache-2.0
// The functions of memory/kernels.cu as work of a stream of the stand-in. As behind the start of a
// kernel, an error that an earlier call has left is an error here.
#include "pinfeed/memory/kernels.h"

#include <string>

#include "pinfeed/core/error.h"
#include "tests/cuda_standin/standin.h"

namespace pinfeed {
namespace {

void check_launch(const char* kernel) {
  const cudaError_t result = cudaGetLastError();
  if (result == cudaSuccess) return;
  throw Error(ErrorKind::device,
              std::string("CUDA could not start ") + kernel + ": " + cudaGetErrorString(result));
}

}  // namespace

void normalize_pixels(const PixelBatch& from, const PixelRule& rule, const FloatBatch& to,
                      const Stream& stream) {
  standin::push(static_cast<cudaStream_t>(stream.native()),
                [from, rule, to] { normalize_pixels(from, rule, to, 0, from.count * to.height); });
  check_launch("the normalisation");
}

}  // namespace pinfeed
