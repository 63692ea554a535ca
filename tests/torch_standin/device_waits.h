// SPDX-License-Identifier: Apache-2.0
// Torch's device "cuda" in a torch without CUDA: its memory is memory of the host, and its
// operations are those of the CPU. So code for GPUs runs without one, a tensor of the host among
// those of the device is an error as on a GPU, and each point where the host would wait for the
// device is counted. Copies to page-locked memory are made when the host waits, so values that are
// read too early are wrong. Reading the memory of the device through a pointer is not noticed.
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// What made the host wait for the device while this object lives: values that were read, results
/// whose size depends on values, and copies between host and device that are not asynchronous, or
/// whose memory of the host is not page-locked.
class DeviceWaits {
 public:
  DeviceWaits();
  DeviceWaits(const DeviceWaits&) = delete;
  DeviceWaits& operator=(const DeviceWaits&) = delete;
  ~DeviceWaits();

  /// Names of operations, one for each wait.
  static std::vector<std::string> so_far();
};

}  // namespace pinfeed
