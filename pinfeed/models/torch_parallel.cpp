// SPDX-License-Identifier: Apache-2.0
// Only this file is compiled for OpenMP (cmake/train.cmake): at::parallel_for is a template that
// uses one thread elsewhere. The threads are those of the OpenMP library that torch brings.
#include "pinfeed/models/torch_parallel.h"

#include <ATen/Parallel.h>

namespace pinfeed {

void in_parallel(std::int64_t count, std::int64_t grain_size,
                 const std::function<void(std::int64_t first, std::int64_t last)>& work) {
  at::parallel_for(0, count, grain_size, work);
}

}  // namespace pinfeed
