// SPDX-License-Identifier: Apache-2.0
// The only file that knows NCCL. It is compiled in the preset cuda.
#include <chrono>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "pinfeed/train/distributed/connection.h"

namespace pinfeed {

c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store,
                                            const ProcessGroupOptions& options) {
  auto chosen = c10d::ProcessGroupNCCL::Options::create();
  chosen->timeout = std::chrono::milliseconds(static_cast<std::int64_t>(options.timeout * 1e3));
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, options.ranks.rank,
                                                     options.ranks.world_size, chosen);
}

}  // namespace pinfeed
