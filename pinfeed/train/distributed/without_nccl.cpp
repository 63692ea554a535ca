// SPDX-License-Identifier: Apache-2.0
// Takes the place of nccl.cpp in a build without CUDA, or without the headers of NCCL.
#include "pinfeed/core/error.h"
#include "pinfeed/train/distributed/connection.h"

namespace pinfeed {

c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>&,
                                            const ProcessGroupOptions&) {
  throw Error(ErrorKind::config, "this build has no NCCL: several ranks cannot use CUDA")
      .help(
          "build with CUDA where the headers of NCCL and cuBLAS are (PyPI: nvidia-nccl-cu13 and "
          "nvidia-cublas, beside torch), or use --device=cpu");
}

}  // namespace pinfeed
