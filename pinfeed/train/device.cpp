// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/device.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

torch::Device chosen_device(const std::string& word) {
  if (word != "auto" && word != "cpu" && word != "cuda") {
    throw Error(ErrorKind::config, "--device is '" + word + "'; it must be auto, cpu or cuda");
  }
  const bool there = word != "cpu" && torch::cuda::is_available();
  if (word == "cuda" && !there) {
    throw Error(ErrorKind::device, "--device cuda: torch finds no CUDA device")
        .help("use --device cpu, or a torch that was built for CUDA");
  }
  return there ? torch::Device(torch::kCUDA) : torch::Device(torch::kCPU);
}

}  // namespace pinfeed
